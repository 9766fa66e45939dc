import JSON
import PluginSDK

/// PodEvictions: a pod instance goes, its set makes the successor.
extension Supervisor {
  /// Returns once the pod is gone, so that a committed eviction means just that.
  ///
  /// Nothing is kept of the eviction itself: that the pod is to stop is written into the pod.
  func evict(_ spec: PodEvictionSpec) async throws -> JSONValue {
    if let pod = pod(uid: spec.podUID) {
      try stopPod(pod.record.name)
      try endTurn()
      let name = pod.record.name
      guard await waitUntil(Self.goneWait, { pods[name]?.record.uid != spec.podUID }) else {
        throw DriverFailure.recoverable(
          "StillStopping", "pod \(name) (uid \(spec.podUID)) is still stopping")
      }
    }
    return observedEviction(spec)
  }

  func observedEviction(_ spec: PodEvictionSpec) -> JSONValue {
    ["podUID": .string(spec.podUID), "gone": .bool(pod(uid: spec.podUID) == nil)]
  }
}
