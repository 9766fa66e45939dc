import JSON
import LinuxSystem
import PluginSDK
import TTRPC

/// The start on a directory that a driver before this one left, however it ended.
extension Supervisor {
  /// Takes up everything that is on disk: settles the journal, adopts what lives, goes on.
  func resume() async throws {
    for record in try directory.records(of: "StatefulSet") {
      sets[record.name] = SupervisedSet(
        record: record, spec: try reread(record) { try StatefulSetSpec($0) })
    }
    for record in try directory.podRecords() { pods[record.name] = SupervisedPod(record) }
    for record in try directory.records(of: "Service") {
      services[record.name] = SupervisedService(
        record: record, spec: try reread(record) { try ServiceSpec($0) },
        address: try addresses.assignService(record.name))
    }
    var occupancies: [String: ProcessSlot.Occupancy] = [:]
    for slot in allSlots() { occupancies[slot.path] = try await settled(slot) }
    let undone = try journal.settle { try happened($0, occupancies) }
    try await adoptPods(occupancies, undone)
    try await adoptProxies(occupancies, undone)
    for (name, pod) in pods { feed(.begin, to: name, uid: pod.record.uid) }
    for (name, service) in services {
      if service.record.isRemoving {
        try stopProxy(name)
      } else {
        try reconcileService(name)
        // After the watch that was just made: nothing that the proxy says is missed.
        try readStatus(of: name)
      }
    }
    for name in sets.keys { noteSet(name) }
    try beginReconciling()
    loop.spawn { await self.followProxies() }
    loop.spawn { await self.followLogs() }
  }

  private func reread<Spec>(
    _ record: DesiredRecord, _ read: (JSONValue) throws -> Spec
  ) throws -> Spec {
    do {
      return try read(record.spec)
    } catch {
      throw StoredDocument.Damage(
        path: directory.desired(record.kind, record.name), problem: "holds a bad spec (\(error))")
    }
  }

  private func allSlots() -> [ProcessSlot] {
    let containers = pods.values.flatMap { pod in
      pod.record.containers.indices.map { slot($0, of: pod.record) }
    }
    return containers + services.keys.map(proxySlot)
  }

  /// What is in a slot once a child that was just begun has said who it is, or has failed.
  private func settled(_ slot: ProcessSlot) async throws -> ProcessSlot.Occupancy {
    for _ in 0..<Self.settleLooks {
      let occupancy = try slot.occupancy()
      guard case .starting = occupancy else { return occupancy }
      try await loop.sleep(for: Self.slotLookInterval)
    }
    throw DriverFailure.recoverable(
      "ProcessUnknown",
      "\(slot.path) is locked by a process that can't be found: end it, or reboot")
  }

  /// A child writes its pid within microseconds; this many looks are some seconds.
  static let settleLooks = 3000

  /// Whether an effect that a dead driver began came to be.
  private func happened(
    _ effect: Effect, _ occupancies: [String: ProcessSlot.Occupancy]
  ) throws -> Bool {
    guard let key = ObjectName(effect.key) else { return false }
    switch effect.name {
    case .volumeCreated, .volumeImported:
      return try volumes.owner(of: key)?.volumeUID == effect.id
    case .volumeRemoved, .volumeReleased:
      return try volumes.owner(of: key)?.volumeUID != effect.id
    case .podCreated: return pod(uid: effect.id) != nil
    case .podStopped: return pod(uid: effect.id) == nil
    case .containerSpawned:
      for pod in pods.values {
        for index in pod.record.containers.indices
        where spawnEffect(index, run: pod.record.containers[index].runs, of: pod.record) == effect {
          return occupancies[slot(index, of: pod.record).path]?.hasRun ?? false
        }
      }
      return false
    case .proxySpawned:
      guard let record = services[key]?.record,
        proxyEffect(record, run: record.proxyRuns) == effect
      else { return false }
      return occupancies[proxySlot(key).path]?.hasRun ?? false
    case .proxyStopped: return try FileSystem.status(directory.service(key)) == nil
    }
  }

  private func adoptPods(
    _ occupancies: [String: ProcessSlot.Occupancy], _ undone: Set<Effect>
  ) async throws {
    for name in pods.keys.sorted() {
      let record = pods[name]!.record
      var adopted: [Int: SlotProcess] = [:]
      for (index, container) in record.containers.enumerated() {
        let slot = slot(index, of: record)
        let process = try await adopt(occupancies[slot.path], in: slot)
        adopted[index] = process
        let isUndone = undone.contains(spawnEffect(index, run: container.runs, of: record))
        pods[name]!.machine.restore(
          index, run: container.runs - (isUndone ? 1 : 0), isAlive: process != nil,
          isStarted: container.isStarted, isReady: container.isReady)
        try logs.watch(directory.log(name, container: container.name))
      }
      if record.isStopping { try journal.begin(stopEffect(record)) }
      for (index, process) in adopted {
        take(process, index, run: pods[name]!.machine.containers[index].run, of: name)
      }
      _ = pods[name]!.syncRecord()
    }
  }

  /// The live process of a slot; what only its offspring holds is cleared.
  private func adopt(
    _ occupancy: ProcessSlot.Occupancy?, in slot: ProcessSlot
  ) async throws -> SlotProcess? {
    switch occupancy {
    case .main(let process): return process
    case .offspring:
      try await clear(slot)
      return nil
    case .free, .starting, nil: return nil
    }
  }

  private func adoptProxies(
    _ occupancies: [String: ProcessSlot.Occupancy], _ undone: Set<Effect>
  ) async throws {
    for name in services.keys.sorted() {
      let slot = proxySlot(name)
      if let process = try await adopt(occupancies[slot.path], in: slot) {
        takeProxy(process, of: name)
        let path = "\(directory.service(name))/proxy.json"
        services[name]!.told = ProxyState(try StoredDocument.read(path))
      }
      let record = services[name]!.record
      if undone.contains(proxyEffect(record, run: record.proxyRuns)) {
        services[name]!.record.proxyRuns -= 1
      }
    }
  }
}

extension ProcessSlot.Occupancy {
  /// The process that was begun last came to life.
  var hasRun: Bool {
    if case .free(let hasRun) = self { hasRun } else { true }
  }
}
