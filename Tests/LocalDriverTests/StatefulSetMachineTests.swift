import Testing

@testable import LocalDriver

@Suite("Which pods a StatefulSet has")
struct StatefulSetMachineTests {
  typealias Pod = StatefulSetMachine.Pod

  static func pod(
    _ ordinal: Int, _ revision: String = "new", stopping: Bool = false, ready: Bool = true
  ) -> Pod {
    Pod(
      ordinal: ordinal, uid: "u\(ordinal)", revision: revision, isStopping: stopping, isReady: ready
    )
  }

  static let cases: [(String, StatefulSetMachine, [Pod], [StatefulSetMachine.Action])] = [
    (
      "missing pods are made in parallel", machine(replicas: 2), [],
      [.create(ordinal: 0), .create(ordinal: 1)]
    ),
    ("a full set is left alone", machine(replicas: 2), [pod(0), pod(1)], []),
    (
      "pods beyond the replicas stop, the highest first", machine(replicas: 1),
      [pod(0), pod(1), pod(2)], [.stop(uid: "u2"), .stop(uid: "u1")]
    ),
    ("a stopping pod has no successor yet", machine(replicas: 1), [pod(0, stopping: true)], []),
    (
      "a removed set stops all and makes none", machine(replicas: 2, removed: true), [pod(0)],
      [.stop(uid: "u0")]
    ),
    ("OnDelete leaves an older pod, ready", machine(replicas: 1), [pod(0, "old")], []),
    (
      "OnDelete leaves an older pod, not ready", machine(replicas: 1),
      [pod(0, "old", ready: false)], []
    ),
    (
      "RollingUpdate replaces the highest older one", machine(.rollingUpdate, replicas: 3),
      [pod(0, "old"), pod(1, "old"), pod(2)], [.stop(uid: "u1")]
    ),
    (
      "RollingUpdate waits until the replaced one is ready", machine(.rollingUpdate, replicas: 2),
      [pod(0, "old"), pod(1, ready: false)], []
    ),
    (
      "RollingUpdate takes one at a time", machine(.rollingUpdate, replicas: 2),
      [pod(0, "old"), pod(1, "old", stopping: true)], []
    ),
    (
      "RollingUpdate replaces an older one that isn't ready", machine(.rollingUpdate, replicas: 1),
      [pod(0, "old", ready: false)], [.stop(uid: "u0")]
    ),
  ]

  static func machine(
    _ strategy: StatefulSetSpec.UpdateStrategy = .onDelete, replicas: Int, removed: Bool = false
  ) -> StatefulSetMachine {
    StatefulSetMachine(
      replicas: replicas, strategy: strategy, updateRevision: "new", isRemoved: removed)
  }

  @Test("the table holds", arguments: cases.indices)
  func table(_ index: Int) {
    let (name, machine, pods, actions) = Self.cases[index]
    #expect(machine.actions(for: pods) == actions, "\(name)")
  }
}
