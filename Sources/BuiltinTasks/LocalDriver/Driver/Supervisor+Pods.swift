import Glibc
import JSON
import LinuxSystem
import PluginSDK
import TTRPC

/// Pods: made, driven by their machines, taken away.
extension Supervisor {
  func pod(uid: String) -> SupervisedPod? { pods.values.first { $0.record.uid == uid } }

  func pods(of set: ObjectName) -> [SupervisedPod] {
    pods.values.filter { $0.record.set == set }.sorted { $0.record.ordinal < $1.record.ordinal }
  }

  /// The pod's directory with its record appears in one step; then its machine begins.
  func createPod(_ ordinal: Int, of set: SupervisedSet) throws {
    let setName = set.record.name
    let name = ObjectName(namespace: setName.namespace, name: "\(setName.name)-\(ordinal)")
    let record = PodRecord(
      name: name, uid: try Self.makeUID(), set: setName, ordinal: ordinal,
      revision: set.spec.revision, address: try addresses.assignPod(name),
      templateDocument: set.record.spec["template"] ?? .null, template: set.spec.template,
      volumes: try set.spec.volumes.map(resolve),
      containers: set.spec.template.all.map { PodRecord.Container(name: $0.name) })
    let effect = Effect(
      .podCreated, kind: "StatefulSet", key: setName.description, id: record.uid)
    try journal.perform(effect) {
      let draft = "\(directory.trash)/new-\(record.uid)"
      try FileSystem.makeDirectories("\(draft)/shared", mode: DataDirectory.mode)
      try StoredDocument.write(record.document, to: "\(draft)/pod.json")
      try FileSystem.makeDirectories(
        FileSystem.parent(of: directory.pod(name)), mode: DataDirectory.mode)
      try FileSystem.rename(draft, to: directory.pod(name))
    }
    pods[name] = SupervisedPod(record)
    noteSet(setName)
    feed(.begin, to: name, uid: record.uid)
  }

  private func resolve(_ volume: StatefulSetSpec.Volume) throws -> PodRecord.Volume {
    guard let owner = try volumes.owner(of: volume.claim) else {
      throw DriverFailure.recoverable(
        "ClaimNotBound",
        "PersistentVolumeClaim \(volume.claim), the volume '\(volume.name)', isn't there yet")
    }
    return PodRecord.Volume(
      name: volume.name, claim: volume.claim, path: volumes.path(of: owner))
  }

  func stopPod(_ name: ObjectName) throws {
    guard let pod = pods[name], !pod.machine.isStopping else { return }
    try journal.begin(stopEffect(pod.record))
    feed(.stop, to: name, uid: pod.record.uid)
  }

  func stopEffect(_ record: PodRecord) -> Effect {
    Effect(.podStopped, kind: "StatefulSet", key: record.set.description, id: record.uid)
  }

  /// Gives a pod's machine an event, performs what it asks for and ends the turn. An event of a pod
  /// that is gone comes too late to matter.
  func feed(_ event: PodMachine.Event, to name: ObjectName, uid: String) {
    guard pods[name]?.record.uid == uid else { return }
    var events = [event]
    var isChanged = false
    while !events.isEmpty {
      for effect in pods[name]!.machine.on(events.removeFirst()) {
        switch effect {
        case .changed: isChanged = true
        case .finished:
          return orAbandon {
            try finishPod(name)
            try endTurn()
          }
        case .spawn(let container, let run):
          events.append(spawnContainer(container, run: run, of: name))
        case .ask(let container, let run, let kind):
          ask(container, run: run, kind: kind, of: pods[name]!)
        case .schedule(let timer, let wait):
          after(wait) { $0.feed(.due(timer), to: name, uid: uid) }
        case .terminate(let container): signal(container, SIGTERM, of: name)
        case .kill(let container): signal(container, SIGKILL, of: name)
        }
      }
    }
    guard isChanged else { return }
    orAbandon {
      // It is written down before anybody is told.
      if pods[name]!.syncRecord() { try directory.save(pods[name]!.record) }
      noteSet(pods[name]!.record.set)
      try endTurn()
    }
  }

  private func finishPod(_ name: ObjectName) throws {
    let record = pods[name]!.record
    // A pod that was to stop before its driver died has no open entry.
    try journal.begin(stopEffect(record))
    pods[name] = nil
    try directory.discard(directory.pod(name), id: record.uid)
    try journal.complete(stopEffect(record))
    noteSet(record.set)
    note("PodEviction", name)
  }

  private func signal(_ container: Int, _ number: Int32, of name: ObjectName) {
    guard let process = pods[name]?.processes[container] else { return }
    orAbandon {
      if number == SIGKILL {
        try process.pidfd.signalGroup(number, identity: process.identity)
      } else {
        try process.pidfd.signal(number)
      }
    }
  }

  private nonisolated func ask(
    _ container: Int, run: Int, kind: PodMachine.ProbeKind, of pod: SupervisedPod
  ) {
    let spec = pod.record.template.all[container]
    guard let probe = kind == .startup ? spec.startupProbe : spec.readinessProbe else {
      preconditionFailure("the machine asks only where there is a probe")
    }
    let (name, uid, address) = (pod.record.name, pod.record.uid, pod.record.address)
    loop.spawn {
      let passed = await Probe.ask(probe, at: address, on: self.loop)
      await self.feed(
        .probed(container: container, run: run, kind: kind, passed: passed), to: name, uid: uid)
    }
  }

  static func makeUID() throws(SystemError) -> String {
    let bytes = try FileSystem.read("/proc/sys/kernel/random/uuid", limit: 64)
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
