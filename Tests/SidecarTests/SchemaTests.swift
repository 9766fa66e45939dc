import FoundationEssentials
import JSON
import Model
import Testing

@testable import Sidecar

/// Schemas and Codable types are two statements of one shape: these tests keep them one.
@Suite("The schemas of the sidecar's tasks")
struct SchemaTests {
  @Test("params and outputs are what their schemas say")
  func shapes() throws {
    let url: JSONValue = "http://127.77.0.1:7070"
    try check(
      ConfigApply.Params.self, ConfigApply.paramsSchema,
      ["url": url, "config": ["a": "1", "b": [true]]])
    try check(
      ConfigApply.Outputs.self, ConfigApply.outputsSchema,
      ["hash": "h", "bytes": 1, "changed": true, "config": ["a": 1]])
    try check(AgentParams.self, ConfigValidate.paramsSchema, ["url": url])
    try check(ConfigValidate.Outputs.self, ConfigValidate.outputsSchema, ["hash": "h"])
    try check(AgentParams.self, MarkReady.paramsSchema, ["url": url])
    try check(ReadinessOutputs.self, MarkReady.outputsSchema, ["ready": true])
    try check(AgentParams.self, MarkNotReady.paramsSchema, ["url": url])
    try check(ReadinessOutputs.self, MarkNotReady.outputsSchema, ["ready": true])
  }

  @Test(
    "an agent's address is a plain HTTP one",
    arguments: [
      "https://a:1", "http://a", "http://a:1/x", "a:1", "file:///etc/passwd", "http://u@a:1",
    ])
  func address(_ url: String) throws {
    #expect(!(try Schema(AgentParams.schema)).validate(["url": .string(url)]).isEmpty)
  }

  /// - Parameter sample: has every member that the type knows.
  private func check<Value: Codable>(
    _ type: Value.Type, _ schema: JSONValue, _ sample: JSONValue
  ) throws {
    let schema = try Schema(schema)
    #expect(schema.validate(sample).isEmpty)
    #expect(Set(sample.object?.names ?? []) == Set(schema.properties.map(\.name)))
    let value = try JSONDecoder().decode(type, from: Data(sample.serialized()))
    #expect(try JSONValue(parsing: Array(JSONEncoder().encode(value))) == sample)
    for property in schema.properties {
      var partial = try #require(sample.object)
      partial[property.name] = nil
      let data = Data(JSONValue.object(partial).serialized())
      let isDecoded = (try? JSONDecoder().decode(type, from: data)) != nil
      #expect(isDecoded != schema.required.contains(property.name), "\(property.name)")
    }
  }
}
