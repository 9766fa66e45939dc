import JSON
import PluginSDK
import Testing

@testable import Workload

@Suite("ensure-data-pvc and apply-service")
struct VolumeAndServiceTests {
  private let volume = EnsureDataPVC()
  private let params = EnsureDataPVC.Params(name: "cache", storage: "64Mi", import: nil)

  @Test("the first step declares the volume, whatever is there, and always the same")
  func declares() async throws {
    let expected = Wait(
      set: [IntentWrite(Sample.claim, spec: ["storage": "64Mi"])], until: .committed(Sample.claim))
    let present = Sample.committed(Sample.claim, ["path": "/old"])
    for context in [Sample.context(), Sample.context(present), Sample.context(step: 2)] {
      #expect(try await volume.execute(params, context).asWait == expected)
    }
  }

  @Test("an import is part of the declaration")
  func imports() async throws {
    let params = EnsureDataPVC.Params(name: "cache", storage: "1Gi", import: "/srv/data")
    let wait = try await volume.execute(params, Sample.context()).asWait
    #expect(wait?.set.first?.spec == ["storage": "1Gi", "import": "/srv/data"])
  }

  @Test("a volume that its driver confirmed is told as it was observed")
  func completes() async throws {
    let intent = Sample.committed(
      Sample.claim, ["path": "/v/cache", "capacityBytes": 67_108_864, "imported": false])
    let outputs = try await volume.execute(params, Sample.context(step: 2, intent)).outputs
    #expect(
      outputs
        == EnsureDataPVC.Outputs(
          claim: "default/cache", path: "/v/cache", capacityBytes: 67_108_864, imported: false))
  }

  @Test("another resource's volume is a terminal failure")
  func foreign() async throws {
    let intent = Intent(
      Sample.claim, state: .commitFailed, error: "OwnedByAnother: /v/cache is uid-2's")
    let failure = await #expect(throws: TaskFailure.self) {
      try await volume.execute(params, Sample.context(step: 2, intent))
    }
    #expect(failure?.reason == "OwnedByAnother")
    #expect(failure?.isTransient == false)
    #expect(failure?.message.contains("uid-2") == true)
  }

  @Test("a driver that confirms but tells nothing is reported, not trusted")
  func incomplete() async throws {
    let intent = Sample.committed(Sample.claim, ["phase": "Bound"])
    let failure = await #expect(throws: TaskFailure.self) {
      try await volume.execute(params, Sample.context(step: 2, intent))
    }
    #expect(failure?.reason == "ObservedIncomplete")
  }

  @Test("a service selects the StatefulSet and needs it")
  func service() async throws {
    let params = ApplyService.Params(
      name: "cache", statefulSet: "cache", port: 16379, targetPort: 6379)
    let wait = try await ApplyService().execute(params, Sample.context()).asWait
    #expect(
      wait
        == Wait(
          set: [
            IntentWrite(
              Sample.service,
              spec: ["selector": "default/cache", "port": 16379, "targetPort": 6379],
              references: [Sample.set])
          ], until: .committed(Sample.service)))
    let intent = Sample.committed(Sample.service, ["address": "127.76.0.1", "port": 16379])
    let outputs = try await ApplyService().execute(params, Sample.context(step: 2, intent)).outputs
    #expect(outputs == ApplyService.Outputs(address: "127.76.0.1", port: 16379))
  }

  @Test("a service without a port of its own has the server's")
  func servicePort() async throws {
    let params = ApplyService.Params(
      name: "cache", statefulSet: "cache", port: nil, targetPort: 6379)
    let wait = try await ApplyService().execute(params, Sample.context()).asWait
    #expect(wait?.set.first?.spec["port"] == 6379)
  }
}
