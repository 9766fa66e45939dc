import JSON
import LinuxSystem

/// A StatefulSet as the driver holds it.
struct SupervisedSet {
  var record: DesiredRecord
  var spec: StatefulSetSpec
  /// Why the set can't go on now; empty while it can.
  var problem = ""

  func observed(_ pods: [SupervisedPod]) -> JSONValue {
    let live = pods.filter { !$0.machine.isStopping }
    let updated = live.filter { $0.record.revision == spec.revision }
    return [
      "observedGeneration": .integer(Int64(clamping: record.generation)),
      "replicas": .integer(Int64(pods.count)),
      "readyReplicas": .integer(Int64(live.count(where: \.isReady))),
      "updatedReplicas": .integer(Int64(updated.count)),
      "currentRevision": .string(record.currentRevision),
      "updateRevision": .string(spec.revision), "message": .string(problem),
      "pods": .array(pods.map { $0.observed() }),
    ]
  }
}

/// A Service as the driver holds it.
struct SupervisedService {
  var record: DesiredRecord
  var spec: ServiceSpec
  var address: String
  var proxy: SlotProcess?
  /// What the proxy was told last.
  var told: ProxyState?
  /// What the proxy said last.
  var status: ProxyStatus?
  var backoff = RestartBackoff()
  /// Until the back-off of a proxy that ended is over.
  var isWaiting = false

  /// The proxy does what it was told, and there is somebody to forward to.
  var isReady: Bool {
    guard let proxy, let told, let status else { return false }
    return status.pid == Int64(proxy.identity.pid) && status.isListening && status.state == told
      && !told.endpoints.isEmpty
  }

  func observed() -> JSONValue {
    [
      "address": .string(address), "port": .integer(Int64(spec.port)), "ready": .bool(isReady),
      "endpoints": .array((told?.endpoints ?? []).map { .string($0.description) }),
      "message": .string(status?.problem ?? ""),
      "proxyPID": proxy.map { .integer(Int64($0.identity.pid)) } ?? .null,
    ]
  }
}
