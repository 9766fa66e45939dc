import JSON
import Testing

@testable import Model

@Suite("the schema of blueprints names what is read")
struct BlueprintSchemaTests {
  /// Has every field.
  private static let whole: JSONValue = [
    "kind": "Thing", "plural": "things", "initialPhase": "New", "target": "local",
    "targetFrom": "spec.target", "schema": ["type": "object", "additionalProperties": true],
    "printerColumns": [["name": "A", "path": "status.a"]],
    "plans": [
      [
        "name": "init",
        "when": [
          "phaseIn": ["New"], "drift": [["desired": "spec.a", "observed": "status.a"]],
          "condition": ["type": "Ready", "status": "False", "reason": "NotReady"],
        ],
        "activePhase": "Making", "targetPhase": "Made", "failedPhase": "Broken",
        "onFailure": "Rollback",
        "condition": [
          "type": "Making", "started": "Started", "complete": "Complete", "failed": "Failed",
        ],
        "tasks": [
          [
            "type": "make", "name": "first", "version": ">=1.0.0", "params": ["a": "${spec.a}"],
            "when": "spec.a", "maxRetries": 1, "timeout": "30s", "outputs": ["a": "status.a"],
          ]
        ],
        "restore": [
          [
            "type": "make", "name": "again", "version": ">=1.0.0", "params": ["a": "${status.a}"],
            "when": "status.a", "maxRetries": 1, "timeout": "30s", "outputs": ["a": "status.a"],
          ]
        ],
      ]
    ],
    "conditions": [
      [
        "type": "Ready",
        "from": ["kind": "Volume", "key": "${metadata.name}", "path": "ready"],
        "values": [["equals": true, "status": "True", "reason": "Ready"]],
      ]
    ],
  ]

  @Test("every field of the schema is read, none is refused")
  func fields() throws {
    #expect(Blueprint.schema.validate(Self.whole).map(\.description) == [])
    _ = try Blueprint(spec: JSONReader(Self.whole))
    var unused: [String] = []
    collectUnused(Blueprint.schema, Self.whole, "", &unused)
    #expect(unused == [], "the example above lacks fields of the schema")
  }

  /// Paths of the schema that the value doesn't have.
  private func collectUnused(
    _ schema: Schema, _ value: JSONValue?, _ path: String, _ unused: inout [String]
  ) {
    for property in schema.properties {
      let place = "\(path).\(property.name)"
      guard let member = value?[property.name] else {
        unused.append(place)
        continue
      }
      collectUnused(property.schema, member, place, &unused)
    }
    if let items = schema.items { collectUnused(items, value?.array?.first, path + "[]", &unused) }
  }

  @Test("what is read is in the schema: without it the field is unknown")
  func unknown() throws {
    for path in ["", "plans[0]", "plans[0].tasks[0]", "conditions[0]", "printerColumns[0]"] {
      let problems = Blueprint.schema.validate(try adding("surprise", at: path))
      let place = path.isEmpty ? "surprise" : path + ".surprise"
      #expect(problems.map(\.path) == [place])
      #expect(throws: MappingError.self) {
        try Blueprint(spec: JSONReader(try adding("surprise", at: path)))
      }
    }
  }

  private func adding(_ name: String, at path: String) throws -> JSONValue {
    func add(_ value: JSONValue, _ rest: ArraySlice<JSONPath.Component>) -> JSONValue {
      switch (rest.first, value) {
      case (nil, .object(var object)):
        object[name] = 1
        return .object(object)
      case (.member(let member), .object(var object)):
        object[member] = object[member].map { add($0, rest.dropFirst()) }
        return .object(object)
      case (.index(let index), .array(var elements)):
        elements[index] = add(elements[index], rest.dropFirst())
        return .array(elements)
      default: return value
      }
    }
    return add(Self.whole, try JSONPath(path).components[...])
  }
}
