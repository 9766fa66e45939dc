import JSON
import PluginSDK
import Testing

@testable import Workload

@Suite("apply-statefulset")
struct ApplyStatefulSetTests {
  private let task = ApplyStatefulSet()

  private func params(config: JSONValue? = ["maxmemory": "64mb"]) -> ApplyStatefulSet.Params {
    ApplyStatefulSet.Params(
      name: "cache", claim: "cache", replicas: nil, image: "redis:7.0", command: nil,
      args: ["$(CONFIG_FILE)"], env: [.init(name: "TZ", value: "UTC")], port: 6379,
      sidecar: .init(
        image: "sidecar:1.0", port: 7070, configFile: "$(DATA_DIR)/node.conf",
        configFormat: "space", validateCommand: "true"),
      config: config)
  }

  private func spec(_ params: ApplyStatefulSet.Params) async throws -> JSONValue {
    try #require(try await task.execute(params, Sample.context()).asWait?.set.first?.spec)
  }

  @Test("the server is held back by its sidecar and replaced only on request")
  func template() async throws {
    let wait = try await task.execute(params(), Sample.context()).asWait
    #expect(wait?.gate == .committed(Sample.set))
    #expect(wait?.set.map(\.key) == [Sample.set])
    #expect(wait?.set.first?.references == [Sample.claim])
    #expect(
      try await spec(params()) == [
        "replicas": 1, "updateStrategy": "OnDelete", "volumes": ["data": "default/cache"],
        "template": [
          "annotations": ["mortise.dev/config": #"{"maxmemory":"64mb"}"#],
          "initContainers": [
            [
              "name": "sidecar", "image": "sidecar:1.0", "restartPolicy": "Always",
              "env": [
                ["name": "SIDECAR_PORT", "value": "7070"],
                ["name": "STATE_DIR", "value": "$(SHARED_DIR)/sidecar"],
                ["name": "CONFIG_FILE", "value": "$(DATA_DIR)/node.conf"],
                ["name": "CONFIG_FORMAT", "value": "space"],
                ["name": "VALIDATE_COMMAND", "value": "true"],
              ],
              "startupProbe": [
                "httpGet": ["path": "/v0/startz", "port": 7070], "periodMilliseconds": 100,
              ],
              "readinessProbe": [
                "httpGet": ["path": "/v0/readyz", "port": 7070], "periodMilliseconds": 500,
              ],
            ]
          ],
          "containers": [
            [
              "name": "server", "image": "redis:7.0", "args": ["$(CONFIG_FILE)"],
              "env": [
                ["name": "CONFIG_FILE", "value": "$(DATA_DIR)/node.conf"],
                ["name": "TZ", "value": "UTC"],
              ],
              "readinessProbe": ["tcpSocket": ["port": 6379], "periodMilliseconds": 500],
            ]
          ],
        ],
      ])
  }

  @Test("another configuration is another template; another order of its members is not")
  func configIsRevision() async throws {
    func template(_ config: JSONValue?) async throws -> JSONValue? {
      try await spec(params(config: config))["template"]
    }
    #expect(try await template(["a": 1, "b": 2]) == template(["b": 2, "a": 1]))
    #expect(try await template(["a": 1]) != template(["a": 2]))
    #expect(try await template(["a": 1]) != template(["a": "1"]))
    #expect(try await template(nil)?["annotations"] == nil)
  }

  @Test("it is done when the declaration is taken, though nothing is ready")
  func completes() async throws {
    let outputs = try await task.execute(
      params(), Sample.context(step: 2, Sample.statefulSet("old"))
    ).outputs
    #expect(
      outputs
        == ApplyStatefulSet.Outputs(
          sidecarURL: "http://127.77.0.1:7070", updateRevision: "new", podIP: "127.77.0.1"))
  }

  @Test("without a pod yet it fails transiently, to look again")
  func noPod() async throws {
    let failure = await #expect(throws: TaskFailure.self) {
      try await task.execute(params(), Sample.context(step: 2, Sample.statefulSet()))
    }
    #expect(failure?.isTransient == true)
  }
}
