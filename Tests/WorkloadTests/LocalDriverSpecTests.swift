import JSON
import PluginSDK
import Testing

@testable import LocalDriver
@testable import Workload

/// What the tasks declare is what the driver that ships understands.
@Suite("The workload's intents on this machine")
struct LocalDriverSpecTests {
  @Test("the local driver takes each spec, and the configuration is part of the revision")
  func specs() async throws {
    let volume = EnsureDataPVC.Params(name: "cache", storage: "64Mi", import: "/srv")
    _ = try VolumeClaimSpec(
      try await declared(EnsureDataPVC().execute(volume, Sample.context()).asWait))
    let service = ApplyService.Params(
      name: "cache", statefulSet: "cache", port: nil, targetPort: 6379)
    _ = try ServiceSpec(
      try await declared(ApplyService().execute(service, Sample.context()).asWait))
    let old = Sample.context(Sample.statefulSet("old"))
    _ = try PodEvictionSpec(
      try await declared(ReplacePod().execute(.init(name: "cache"), old).asWait))
    let revisions = try ([["maxmemory": "64mb"], ["maxmemory": "96mb"]] as [JSONValue]).map {
      config in
      let params = ApplyStatefulSet.Params(
        name: "cache", claim: "cache", replicas: 1, image: "redis:7.0", command: ["/bin/true"],
        args: ["a"], env: [.init(name: "A", value: "b")], port: 6379,
        sidecar: .init(
          image: "sidecar:1.0", port: 7070, configFile: "$(DATA_DIR)/c", configFormat: "space",
          validateCommand: "true"), config: config)
      return StatefulSetTemplate(params, claim: "default/cache").spec
    }.map { try StatefulSetSpec($0).revision }
    #expect(revisions[0] != revisions[1])
  }

  private func declared(_ wait: Wait?) throws -> JSONValue {
    try #require(wait?.set.first?.spec)
  }
}
