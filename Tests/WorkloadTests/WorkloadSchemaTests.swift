import FoundationEssentials
import JSON
import Model
import Testing

@testable import Workload

/// Schemas and Codable types are two statements of one shape: these tests keep them one.
@Suite("The schemas of the workload's tasks")
struct WorkloadSchemaTests {
  @Test("params and outputs are what their schemas say")
  func shapes() throws {
    try check(
      EnsureDataPVC.Params.self, EnsureDataPVC.paramsSchema,
      ["name": "cache", "storage": "1Gi", "import": "/srv"])
    try check(
      EnsureDataPVC.Outputs.self, EnsureDataPVC.outputsSchema,
      ["claim": "a/b", "path": "/p", "capacityBytes": 1, "imported": true])
    try check(
      ApplyStatefulSet.Params.self, ApplyStatefulSet.paramsSchema,
      [
        "name": "cache", "claim": "cache", "replicas": 1, "image": "a:1", "command": ["/a"],
        "args": ["b"], "env": [["name": "A", "value": ""]], "port": 1,
        "sidecar": [
          "image": "a:1", "port": 2, "configFile": "/f", "configFormat": "json",
          "validateCommand": "true",
        ], "config": ["a": 1],
      ])
    try check(
      ApplyStatefulSet.Outputs.self, ApplyStatefulSet.outputsSchema,
      ["sidecarURL": "u", "updateRevision": "r", "podIP": "i"])
    try check(
      ApplyService.Params.self, ApplyService.paramsSchema,
      ["name": "cache", "statefulSet": "cache", "port": 1, "targetPort": 2])
    try check(
      ApplyService.Outputs.self, ApplyService.outputsSchema, ["address": "a", "port": 1])
    try check(ReplacePod.Params.self, ReplacePod.paramsSchema, ["name": "cache"])
    try check(ReplacePod.Outputs.self, ReplacePod.outputsSchema, ["replaced": 1])
    try check(ObserveImage.Params.self, ObserveImage.paramsSchema, ["name": "cache"])
    try check(
      ObserveImage.Outputs.self, ObserveImage.outputsSchema,
      ["image": "a", "sidecarImage": "b", "revision": "c"])
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
