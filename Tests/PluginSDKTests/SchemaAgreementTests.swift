import JSON
import Testing

@testable import PluginSDK

private struct Part: Codable, Equatable {
  var path: String
  var mode: Int?
}

private struct Params: Codable {
  var from: String
  var parts: [Part]
  var note: String?
  var free: JSONValue?
}

private let part: JSONValue = [
  "type": "object", "required": ["path"],
  "properties": ["path": ["type": "string"], "mode": ["type": "integer"]],
]
private let properties: [(String, JSONValue)] = [
  ("from", ["type": "string"]), ("note", ["type": "string"]),
  ("free", ["type": "object", "additionalProperties": true]),
  ("parts", ["type": "array", "items": part]),
]
private let whole: JSONValue = [
  "from": "a", "parts": [["path": "p", "mode": 1]], "note": "n", "free": ["x": [1]],
]

private func altered(
  _ required: [String] = ["from", "parts"], with changed: [String: JSONValue?] = [:]
) -> JSONValue {
  var object = JSONObject()
  for (name, value) in properties { object[name] = changed[name] ?? value }
  for (name, value) in changed where object[name] == nil { object[name] = value }
  return [
    "type": "object", "required": .array(required.map { .string($0) }),
    "properties": .object(object),
  ]
}

private func without(_ name: String) -> JSONValue {
  var object = whole.object ?? JSONObject()
  object[name] = nil
  return .object(object)
}

/// One way in which schema, type and sample may differ.
struct Drift: Sendable, CustomTestStringConvertible {
  var schema: JSONValue
  var sample: JSONValue
  var told: String
  var testDescription: String { told }

  static let all: [Drift] = [
    Drift(
      schema: altered(with: ["extra": ["type": "string"]]),
      sample: .object(JSONObject((whole.object?.members ?? []) + [(name: "extra", value: "e")])),
      told: "params.extra is in the sample and not a member of the type"),
    Drift(
      schema: altered(with: ["note": nil]), sample: without("note"),
      told: "params.note is a member of the type and not in the sample"),
    Drift(
      schema: altered(with: ["note": nil]), sample: whole,
      told: "params.note is in the sample and not in the schema"),
    Drift(
      schema: altered(), sample: without("note"),
      told: "params.note is in the schema and not in the sample"),
    Drift(
      schema: altered(["from"]), sample: whole,
      told: "params.parts is required by the type and not by the schema"),
    Drift(
      schema: altered(["from", "parts", "note"]), sample: whole,
      told: "params.note is required by the schema, and the type does without"),
    Drift(
      schema: altered(with: ["from": ["type": "integer"]]), sample: whole,
      told: "params.from is of type integer by the schema, and not so in the sample"),
    Drift(
      schema: altered(with: [
        "parts": [
          "type": "array",
          "items": [
            "type": "object",
            "properties": ["path": ["type": "string"], "mode": ["type": "integer"]],
          ],
        ]
      ]), sample: whole,
      told: "params.parts[0].path is required by the type and not by the schema"),
  ]
}

@Suite("A schema and its type are held against each other")
struct SchemaAgreementTests {
  private func problems(_ schema: JSONValue, _ sample: JSONValue) -> [String] {
    SchemaAgreement<Params>(root: "params", schema: schema, sample: sample).problems
  }

  @Test("where they agree nothing is told")
  func agreement() {
    #expect(problems(altered(), whole) == [])
  }

  @Test("each way of drifting apart is told, with its place", arguments: Drift.all)
  func drift(_ drift: Drift) {
    #expect(problems(drift.schema, drift.sample).contains(drift.told))
  }

  @Test("a sample that the type does not take is told as such")
  func noSample() {
    #expect(
      problems(altered(), ["from": 1]).first?.hasPrefix("the sample is none: params.from") == true)
  }
}
