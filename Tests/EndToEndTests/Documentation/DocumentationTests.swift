import Glibc
import LinuxSystem
import Testing

/// What a page shows is what happens: its commands are run, its output is compared.
///
/// Blocks that are fenced with "sh run" are the lines of one bash session, in a folder that looks
/// like a checkout after `make stage`. A block fenced with "text output" after one of them holds
/// lines that have to come in its output, in this order; "…" stands for anything.
@Suite("the commands of the documentation", .timeLimit(.minutes(10)))
struct DocumentationTests {
  @Test(
    "run as they stand there", arguments: ["quickstart.md", "troubleshooting.md", "upgrades.md"])
  func page(name: String) async throws {
    let page = try DocumentationPage("\(Installation.sources)/docs/\(name)")
    #expect(!page.steps.isEmpty)
    let session = try DocumentationSession()
    let outcomes = try await session.run(page.steps.map(\.script))
    for (step, outcome) in zip(page.steps, outcomes) {
      let place = "\(name):\(step.line)"
      #expect(
        outcome.isWhole,
        "\(place): a command failed:\n\(outcome.output)\nhost.log:\n\(session.hostLog)")
      let missing = step.firstLineMissing(in: outcome.output)
      #expect(missing == nil, "\(place): no such line comes; all that came:\n\(outcome.output)")
    }
    #expect(outcomes.count == page.steps.count)
  }

  @Test("no page has commands that nobody runs")
  func marked() throws {
    let folder = "\(Installation.sources)/docs"
    for name in try FileSystem.list(folder) where name.hasSuffix(".md") && name != "cli.md" {
      let page = try DocumentationPage("\(folder)/\(name)")
      // Building is what the tests themselves have been through.
      let unrun = page.unrun.filter { !$0.contains("make stage") }
      #expect(unrun == [], "\(name): fence them with \"sh run\"")
    }
  }

  @Test(
    "lines are compared in order, with anything in place of an ellipsis",
    arguments: [
      ("a\nb", "a\nb", nil), ("a\nb", "x\na\ny\nb\nz", nil), ("b\na", "a\nb", "a"),
      ("a…c", "abc", nil), ("a…c", "ac", nil), ("a…c", "abd", "a…c"), ("…c", "bc", nil),
      ("a…", "abc", nil), ("abc", "abcd", "abc"), ("…b…", "abc", nil),
    ])
  func comparison(expected: String, output: String, missing: String?) {
    let step = DocumentationPage.Step(
      line: 1, script: "", expected: expected.split(separator: "\n").map(String.init))
    #expect(step.firstLineMissing(in: output) == missing)
  }
}
