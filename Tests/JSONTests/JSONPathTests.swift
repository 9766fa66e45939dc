import JSON
import Testing

@Suite struct JSONPathTests {
  private let document: JSONValue = [
    "status": ["replicas": 3], "pods": [["uid": "u0"], ["uid": "u1"]],
    "labels": ["example.org/name": "x", "a\"b": 1], "list": [[1, 2], [3]],
  ]

  @Test(
    "paths find what they name",
    arguments: [
      ("status.replicas", 3), ("pods[1].uid", "u1"), ("labels[\"example.org/name\"]", "x"),
      ("labels[\"a\\\"b\"]", 1), ("list[0][1]", 2), ("status.absent", nil), ("pods[2]", nil),
      ("pods.uid", nil), ("status[0]", nil), ("status.replicas.more", nil),
    ] as [(String, JSONValue?)])
  func lookup(_ path: String, _ expected: JSONValue?) throws {
    let path = try JSONPath(path)
    #expect(document.value(at: path) == expected)
    #expect(try JSONPath(path.description) == path)
  }

  @Test("the empty path is the document")
  func empty() throws {
    #expect(document.value(at: try JSONPath("" as String)) == document)
  }

  @Test(
    "what is no path is refused, saying where",
    arguments: [
      (".", 0), ("a.", 2), ("a..b", 2), ("a[", 2), ("a[x]", 2), ("a[1", 3), ("a[-1]", 2),
      ("a[\"b]", 5), ("a]", 1), ("a[\"\\x\"]", 6), ("a[99999999999999999999]", 22),
    ])
  func refused(_ text: String, _ offset: Int) {
    let error = #expect(throws: JSONPathError.self) { try JSONPath(text) }
    #expect(error?.offset == offset)
  }
}
