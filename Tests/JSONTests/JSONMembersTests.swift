import JSON
import Testing

@Suite("An object is written member by member, as text or as a value")
struct JSONMembersTests {
  private static func write(_ object: inout JSONMembers) {
    object.put("text", "a \"quoted\" line\n")
    object.put("number", .integer(-7))
    object.put("empty") { _ in }
    object.put("inner") { inner in
      inner.put("list", ["a", 1, JSONValue.null])
      inner.put("deep") { $0.put("yes", true) }
      inner.put("after", "deep")
    }
    object.put("none", objects: 0) { _, _ in }
    object.put("objects", objects: 3) { index, element in
      if index != 1 { element.put("number", .integer(Int64(index + 1))) }
    }
    object.put("last\"", .number(1.5))
  }

  private static let document = """
    {"text":"a \\"quoted\\" line\\n","number":-7,"empty":{},"inner":{"list":["a",1,null],\
    "deep":{"yes":true},"after":"deep"},"none":[],"objects":[{"number":1},{},{"number":3}],\
    "last\\"":1.5}
    """

  @Test("the text has every member in its order, with commas where they belong")
  func text() {
    let text = JSONMembers.text(expectedBytes: 16, Self.write)
    #expect(String(decoding: text, as: UTF8.self) == Self.document)
  }

  @Test("the value is what the text says, in the same order")
  func value() throws {
    let value = JSONMembers.value(Self.write)
    #expect(value.description == Self.document)
    #expect(try JSONValue(parsing: Self.document) == value)
  }

  @Test("an object without members is an empty one")
  func empty() {
    #expect(JSONMembers.text { _ in } == Array("{}".utf8))
    #expect(JSONMembers.value { _ in } == .object(JSONObject()))
  }
}
