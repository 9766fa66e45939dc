import JSON
import LinuxSystem
import PluginSDK

/// StatefulSets: which pods there are.
extension Supervisor {
  func applySet(
    _ name: ObjectName, _ document: JSONValue, generation: UInt64, owner: String
  ) throws -> JSONValue {
    let spec = try StatefulSetSpec(document)
    try images.check(spec.template)
    var record = try owned(sets[name]?.record, kind: "StatefulSet", name, owner, document)
    for volume in spec.volumes { try checkBound(volume) }
    record.spec = document
    record.generation = generation
    if record.currentRevision.isEmpty { record.currentRevision = spec.revision }
    if sets[name]?.record != record { try directory.save(record) }
    sets[name] = SupervisedSet(record: record, spec: spec)
    noteSet(name)
    try endTurn()
    return sets[name]!.observed(pods(of: name))
  }

  /// The record to change: the present one of the same owner, or a new one.
  func owned(
    _ present: DesiredRecord?, kind: String, _ name: ObjectName, _ owner: String,
    _ spec: JSONValue
  ) throws -> DesiredRecord {
    guard var record = present else {
      return DesiredRecord(
        kind: kind, name: name, uid: try Self.makeUID(), ownerUID: owner, spec: spec)
    }
    guard record.ownerUID == owner else {
      throw DriverFailure.final(
        "OwnedByAnother",
        "\(kind) \(name) belongs to the resource with uid \(record.ownerUID); delete that first, "
          + "or use another name")
    }
    // To want it again while it is being removed is the later wish.
    record.isRemoving = false
    return record
  }

  private func checkBound(_ volume: StatefulSetSpec.Volume) throws {
    if try volumes.owner(of: volume.claim) == nil {
      throw DriverFailure.recoverable(
        "ClaimNotBound",
        "spec.volumes.\(volume.name): PersistentVolumeClaim \(volume.claim) isn't there yet")
    }
  }

  /// Brings the set's pods nearer to what is wanted; called whenever one of them changed.
  func reconcileSet(_ name: ObjectName) throws {
    guard var set = sets[name] else { return }
    let present = pods(of: name)
    let machine = StatefulSetMachine(
      replicas: set.spec.replicas, strategy: set.spec.updateStrategy,
      updateRevision: set.spec.revision, isRemoved: set.record.isRemoving)
    let actions = machine.actions(for: present.map(Self.view))
    if set.record.isRemoving && present.isEmpty { return try finishSet(set) }
    if set.record.currentRevision != set.spec.revision,
      present.count == set.spec.replicas,
      present.allSatisfy({ $0.record.revision == set.spec.revision })
    {
      set.record.currentRevision = set.spec.revision
      try directory.save(set.record)
      sets[name] = set
      note("StatefulSet", name)
    }
    for action in actions {
      switch action {
      case .create(let ordinal): try create(ordinal, of: set)
      case .stop(let uid):
        if let pod = pod(uid: uid) { try stopPod(pod.record.name) }
      }
    }
  }

  /// A pod that can't be made now is no failure of the driver: the reason is shown, and the next
  /// change of the set or of a claim tries again.
  private func create(_ ordinal: Int, of set: SupervisedSet) throws {
    let name = set.record.name
    do {
      try createPod(ordinal, of: set)
      sets[name]?.problem = ""
    } catch let failure as DriverFailure {
      sets[name]?.problem = failure.message
      note("StatefulSet", name)
    }
  }

  private static func view(_ pod: SupervisedPod) -> StatefulSetMachine.Pod {
    StatefulSetMachine.Pod(
      ordinal: pod.record.ordinal, uid: pod.record.uid, revision: pod.record.revision,
      isStopping: pod.machine.isStopping, isReady: pod.isReady)
  }

  func removeSet(_ name: ObjectName, owner: String) async throws {
    guard var set = sets[name], set.record.ownerUID == owner else { return }
    if !set.record.isRemoving {
      set.record.isRemoving = true
      try directory.save(set.record)
      sets[name] = set
    }
    noteSet(name)
    try endTurn()
    guard await waitUntil(Self.goneWait, { sets[name] == nil }) else {
      throw DriverFailure.recoverable(
        "StillStopping",
        "StatefulSet \(name): \(pods(of: name).count) pods are still stopping")
    }
  }

  /// The last pod is gone: what is left of the set goes too.
  private func finishSet(_ set: SupervisedSet) throws {
    let name = set.record.name
    for key in addresses.pods.assigned.keys {
      guard let pod = ObjectName(key), pod.namespace == name.namespace,
        pod.name.hasPrefix("\(name.name)-"), Int(pod.name.dropFirst(name.name.count + 1)) != nil
      else { continue }
      try FileSystem.removeTree(directory.logs(pod))
      try directory.removeIfEmpty(FileSystem.parent(of: directory.logs(pod)))
      try addresses.releasePod(pod)
    }
    try directory.delete(set.record)
    sets[name] = nil
    note("StatefulSet", name)
  }
}
