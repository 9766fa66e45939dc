import Testing

@testable import Model

@Suite("Labels choose objects as they do in Kubernetes")
struct LabelSelectorTests {
  private let labels = [
    (name: "app", value: "redis"), (name: "tier", value: ""), (name: "x/y", value: "1"),
  ]

  @Test(
    "what a selector chooses",
    arguments: [
      ("", true), ("app", true), ("!app", false), ("none", false), ("!none", true),
      ("app=redis", true), ("app==redis", true), ("app = redis", true), ("app=other", false),
      ("none=redis", false), ("tier=", true), ("app=", false),
      ("app!=redis", false), ("app!=other", true), ("none!=redis", true),
      ("app in (redis)", true), ("app in ( other , redis )", true), ("app in (other)", false),
      ("none in (redis)", false), ("app notin (redis)", false), ("app notin (other,third)", true),
      ("none notin (redis)", true), ("x/y=1", true),
      ("app=redis,!none,tier,x/y in (1,2)", true), ("app=redis,none", false),
      (" app , !none ", true), ("in=1", false), ("in", false),
    ])
  func chooses(_ text: String, _ isChosen: Bool) throws {
    #expect(try LabelSelector(parsing: text).matches(labels) == isChosen, "\(text)")
  }

  @Test(
    "what is no selector is refused with its place",
    arguments: [
      (",", 0), ("a,", 2), ("a,,b", 2), ("=b", 0), ("a!b", 2), ("a b", 2), ("a in b", 5),
      ("a in ()", 6), ("a in (b", 7), ("a in (b,)", 8), ("a=b c", 4), ("a=b)", 3), ("!", 1),
      ("!a=b", 2), ("a=ü", 2), ("a\tb", 1), ("a in (b) c", 9),
    ])
  func refuses(_ text: String, _ offset: Int) {
    #expect {
      try LabelSelector(parsing: text)
    } throws: { error in
      (error as? SelectorError)?.offset == offset
    }
  }

  @Test("a selector without end is refused")
  func tooLong() {
    let text = String(repeating: "a,", count: LabelSelector.textLimit)
    #expect(throws: SelectorError.self) { try LabelSelector(parsing: text) }
  }

  @Test(
    "labels that no selector could name are refused",
    arguments: [
      ("app", "redis", true), ("example.com/app", "", true), ("", "x", false), ("a b", "x", false),
      ("a", "b c", false), ("a", String(repeating: "b", count: 64), false),
      (String(repeating: "a", count: 254), "", false), ("a", "é", false),
    ])
  func syntax(_ name: String, _ value: String, _ isFine: Bool) {
    #expect((LabelSyntax.problem(name: name, value: value) == nil) == isFine)
  }
}
