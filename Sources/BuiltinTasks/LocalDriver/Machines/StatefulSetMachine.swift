/// Decides which pods of a StatefulSet to make and which to stop. Pure: called after every change.
///
/// Pods are made in parallel. A pod that is missing is made at the update revision, whatever the
/// strategy; under OnDelete nothing but an eviction takes a pod of an older revision away.
///
/// - Invariant: an ordinal never has two pods: its successor is made only when it is gone
///   (guarded by `StatefulSetMachineTests`).
struct StatefulSetMachine {
  struct Pod: Equatable, Sendable {
    var ordinal: Int
    var uid: String
    var revision: String
    var isStopping: Bool
    var isReady: Bool
  }

  enum Action: Equatable {
    case create(ordinal: Int)
    case stop(uid: String)
  }

  var replicas: Int
  var strategy: StatefulSetSpec.UpdateStrategy
  var updateRevision: String
  /// The set is being removed: all of its pods go.
  var isRemoved: Bool

  func actions(for pods: [Pod]) -> [Action] {
    let wanted = isRemoved ? 0 : replicas
    var actions: [Action] = []
    for pod in pods.sorted(by: { $0.ordinal > $1.ordinal })
    where pod.ordinal >= wanted && !pod.isStopping {
      actions.append(.stop(uid: pod.uid))
    }
    for ordinal in 0..<wanted where !pods.contains(where: { $0.ordinal == ordinal }) {
      actions.append(.create(ordinal: ordinal))
    }
    if let uid = nextToReplace(pods, wanted: wanted) { actions.append(.stop(uid: uid)) }
    return actions
  }

  /// One at a time: the next goes when every pod that isn't of an older revision is ready.
  private func nextToReplace(_ pods: [Pod], wanted: Int) -> String? {
    guard strategy == .rollingUpdate, pods.count == wanted else { return nil }
    let updated = pods.filter { $0.revision == updateRevision }
    guard updated.allSatisfy(\.isReady), !pods.contains(where: \.isStopping) else { return nil }
    return pods.filter { $0.revision != updateRevision }.max { $0.ordinal < $1.ordinal }?.uid
  }
}
