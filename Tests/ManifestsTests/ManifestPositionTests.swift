import JSON
import Model
import Testing

@testable import Manifests

@Suite("Every value's place is known, and errors use it")
struct ManifestPositionTests {
  static let text = """
    # a node
    kind: StatefulNode
    metadata:
      labels: {app.kubernetes.io/name: redis, "a b": c}
    spec:
      image: redis:7.0
      ports:
        - name: main
          port: 6379
        -
          name: é
      shared: &s
        size: 1
      copy: *s
      last: x
    """

  @Test(
    "a path leads to its line and column",
    arguments: [
      ("", 2, 1), ("kind", 2, 7), ("metadata", 3, 1), ("metadata.labels", 4, 3),
      ("metadata.labels.app.kubernetes.io/name", 4, 36),
      (#"metadata.labels["app.kubernetes.io/name"]"#, 4, 36), (#"metadata.labels["a b"]"#, 4, 50),
      ("spec.image", 6, 10), ("spec.ports", 7, 3), ("spec.ports[0]", 8, 7),
      ("spec.ports[0].port", 9, 13), ("spec.ports[1].name", 11, 13), ("spec.shared.size", 13, 11),
      ("spec.copy.size", 13, 11), ("spec.last", 15, 9),
      ("spec.missing", 5, 1), ("spec.ports[7].name", 7, 3), ("spec.image.deeper", 6, 10),
      ("nowhere", 2, 1), ("spec.ports[x]", 7, 3), ("spec.ports[", 7, 3),
    ])
  func place(_ path: String, _ line: Int, _ column: Int) throws {
    let document = try #require(
      try ManifestDocument.parse(Array(Self.text.utf8), source: "node.yaml").first)
    let problem = document.problem(at: path, "is wrong")
    #expect(problem.position == ManifestPosition(line: line, column: column))
    #expect(problem.path == path)
  }

  @Test("of two names that fit a path the longer one is meant")
  func ambiguity() throws {
    let text = "a:\n  b: 1\na.b: 2\n"
    let document = try #require(
      try ManifestDocument.parse(Array(text.utf8), source: "x").first)
    #expect(document.problem(at: "a.b", "").position == ManifestPosition(line: 3, column: 6))
  }

  @Test("what a schema finds is told in the words of a compiler")
  func schema() throws {
    let schema = try Schema([
      "type": "object", "required": ["image"],
      "properties": ["image": ["type": "string"], "size": ["type": "integer"]],
    ])
    let document = try #require(
      try ManifestDocument.parse(Array("spec:\n  size: big\n  sise: 1\n".utf8), source: "a.yaml")
        .first)
    let found = schema.validate(try #require(document.value["spec"]))
    #expect(
      document.problems(found, below: "spec").map(\.description) == [
        "a.yaml:2:9: spec.size: must be an integer, is a string",
        "a.yaml:3:9: spec.sise: unknown field; expected one of image, size",
        "a.yaml:1:1: spec.image: is required",
      ])
  }
}
