import JSON
import PluginSDK
import Testing

@testable import Workload

/// Schemas and Codable types are two statements of one shape: these tests keep them one.
@Suite("The schemas of the workload's tasks")
struct WorkloadSchemaTests {
  @Test("params and outputs are what their schemas say")
  func shapes() {
    #expect(
      EnsureDataPVC.schemaProblems(
        params: ["name": "cache", "storage": "1Gi", "import": "/srv"],
        outputs: ["claim": "a/b", "path": "/p", "capacityBytes": 1, "imported": true]) == [])
    #expect(
      ApplyStatefulSet.schemaProblems(
        params: [
          "name": "cache", "claim": "cache", "replicas": 1, "image": "a:1", "command": ["/a"],
          "args": ["b"], "env": [["name": "A", "value": ""]], "port": 1,
          "sidecar": [
            "image": "a:1", "port": 2, "configFile": "/f", "configFormat": "json",
            "validateCommand": "true",
          ], "config": ["a": 1],
        ],
        outputs: ["sidecarURL": "u", "updateRevision": "r", "podIP": "i"]) == [])
    #expect(
      ApplyService.schemaProblems(
        params: ["name": "cache", "statefulSet": "cache", "port": 1, "targetPort": 2],
        outputs: ["address": "a", "port": 1]) == [])
    #expect(
      ReplacePod.schemaProblems(params: ["name": "cache"], outputs: ["replaced": 1]) == [])
    #expect(
      ObserveImage.schemaProblems(
        params: ["name": "cache"], outputs: ["image": "a", "sidecarImage": "b", "revision": "c"])
        == [])
  }
}
