import JSON
import Testing

@testable import Model

@Suite("A schema is refused where it could not be enforced")
struct SchemaReadingTests {
  @Test(
    "what is wrong with a schema is named by path",
    arguments: [
      (["type": "text"], "type", "must be one of object, array"),
      (["type": "object", "propertes": [:]], "propertes", "not supported"),
      (["type": "integer", "minLength": 1], "minLength", "applies only where"),
      (["minimum": 1], "minimum", "integer or number"),
      (["type": "object", "properties": ["a": ["type": "strin"]]], "properties.a.type", "must be"),
      (
        ["type": "object", "properties": ["a.b": true]], #"properties["a.b"]"#, "must be an object"
      ),
      (["type": "object", "required": ["x"]], "required", "not among the properties"),
      (["type": "object", "required": "x"], "required", "list of field names"),
      (
        ["type": "array", "items": ["type": "object", "items": [:]]], "items.items", "applies only"
      ),
      (["type": "array", "minItems": -1], "minItems", "whole number"),
      (["type": "array", "minItems": 3, "maxItems": 2], "maxItems", "less than the minimum"),
      (["type": "string", "pattern": "a("], "pattern", "character 3: a ( is not closed"),
      (["type": "string", "format": "email"], "format", "quantity, duration, dns-label"),
      (["type": "integer", "minimum": 5, "maximum": 4], "maximum", "less than minimum"),
      (["type": "integer", "minimum": "5"], "minimum", "must be a number"),
      (["type": "integer", "default": "x"], "default", "breaks this schema"),
      (["type": "integer", "default": 11, "maximum": 10], "default", "at most 10"),
      (["type": "string", "enum": []], "enum", "at least one"),
      (["type": "string", "enum": ["a", 1]], "enum[1]", "must be a string"),
      (["type": "boolean", "nullable": 1], "nullable", "true or false"),
      ("string", "", "a schema must be an object"),
      (["type": "object", "additionalProperties": 1], "additionalProperties", "must be an object"),
    ] as [(JSONValue, String, String)])
  func refusal(_ json: JSONValue, _ path: String, _ words: String) {
    let error = #expect(throws: SchemaError.self) { try Schema(json) }
    #expect(error?.path == path)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test("several mistakes are told together")
  func several() {
    let error = #expect(throws: SchemaError.self) {
      try Schema([
        "type": "object", "oops": 1,
        "properties": ["a": ["type": "strin"], "b": ["type": "integer", "minimum": "x"]],
      ])
    }
    #expect(error?.problems.map(\.path) == ["oops", "properties.a.type", "properties.b.minimum"])
  }

  @Test("a schema nests as deep as the limit and no deeper")
  func depth() throws {
    func nested(_ depth: Int) -> JSONValue {
      (1..<depth).reduce(["type": "string"]) { inner, _ in ["type": "array", "items": inner] }
    }
    _ = try Schema(nested(Schema.maximumDepth))
    let error = #expect(throws: SchemaError.self) { try Schema(nested(Schema.maximumDepth + 1)) }
    #expect(error?.message.contains("deeper") == true)
    #expect(throws: SchemaError.self) { try Schema(nested(10_000)) }
  }

  @Test("a default that is complete only with its own defaults is accepted")
  func defaultOfDefaults() throws {
    let schema = try Schema([
      "type": "object", "required": ["size"], "default": [:],
      "properties": ["size": ["type": "integer", "default": 3]],
    ])
    #expect(schema.applyingDefaults(.null) == ["size": 3])
  }

  @Test("every problem beyond the limit is left out")
  func problemLimit() {
    let members = (0..<200).map { (name: "x\($0)", value: JSONValue.null) }
    let error = #expect(throws: SchemaError.self) { try Schema(.object(JSONObject(members))) }
    #expect(error?.problems.count == Schema.maximumProblems)
  }
}
