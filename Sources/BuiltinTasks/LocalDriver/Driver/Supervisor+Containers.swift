import Glibc
import LinuxSystem
import PluginSDK
import TTRPC

/// Containers' processes: started, adopted, seen to their end.
extension Supervisor {
  func slot(_ container: Int, of record: PodRecord) -> ProcessSlot {
    ProcessSlot(
      path: directory.lock(record.name, container: record.template.all[container].name))
  }

  func spawnEffect(_ container: Int, run: Int, of record: PodRecord) -> Effect {
    let name = record.template.all[container].name
    return Effect(
      .containerSpawned, kind: "StatefulSet", key: record.set.description,
      id: "\(record.uid)/\(name)/\(run)")
  }

  /// Starts a container's process. What can't be started is a container that ended: its back-off
  /// decides when it is tried again, and the reason is shown as its last exit.
  func spawnContainer(_ container: Int, run: Int, of name: ObjectName) -> PodMachine.Event {
    let record = pods[name]!.record
    let effect = spawnEffect(container, run: run, of: record)
    do {
      let process = try slot(container, of: record).start(try command(container, of: record)) {
        try journal.begin(effect)
        pods[name]!.record.containers[container].runs = run
        try directory.save(pods[name]!.record)
      }
      try journal.complete(effect)
      take(process, container, run: run, of: name)
      return .spawned(container: container)
    } catch {
      orAbandon { if journal.open[effect] != nil { try journal.drop(effect) } }
      pods[name]!.record.containers[container].lastExit = "could not be started: \(error)"
      return .spawnFailed(container: container)
    }
  }

  private func command(_ container: Int, of record: PodRecord) throws -> ProcessSpec {
    let spec = record.template.all[container]
    let image = spec.command.isEmpty ? try images.executable(of: spec.image) : ""
    let command = ContainerCommand(
      spec, of: record, shared: directory.shared(record.name), image: image)
    let log = try logs.open(directory.log(record.name, container: spec.name))
    return ProcessSpec(
      .path(command.executable), arguments: command.arguments,
      environment: passedEnvironment.merging(command.environment) { $1 },
      workingDirectory: command.workingDirectory,
      descriptors: [.init(log, as: STDOUT_FILENO), .init(log, as: STDERR_FILENO)])
  }

  /// Holds a live process and waits for its end.
  func take(_ process: SlotProcess, _ container: Int, run: Int, of name: ObjectName) {
    pods[name]!.processes[container] = process
    let started = MonotonicTime.now()
    let record = pods[name]!.record
    let (uid, slot) = (record.uid, slot(container, of: record))
    loop.spawn {
      let exit = await self.end(of: process, in: slot)
      await self.ended(
        container, run: run, exit: exit, after: MonotonicTime.now().duration(since: started),
        of: name, uid: uid)
    }
  }

  private func ended(
    _ container: Int, run: Int, exit: String, after duration: Duration, of name: ObjectName,
    uid: String
  ) {
    guard pods[name]?.record.uid == uid else { return }
    pods[name]!.processes[container] = nil
    pods[name]!.record.containers[container].lastExit = exit
    feed(.exited(container: container, run: run, after: duration), to: name, uid: uid)
  }

  /// Waits until the process and all that it left behind in its slot are gone; says how it ended.
  ///
  /// A container is its first process: what it leaves behind is killed, as Kubernetes does it, and
  /// only a free slot lets a successor start.
  func end(of process: SlotProcess, in slot: ProcessSlot) async -> String {
    do {
      try await loop.waitReadable(process.pidfd.descriptor.number)
      let status = process.isChild ? try process.pidfd.reap() : nil
      try await clear(slot)
      return status.map { "\($0)" } ?? "ended while no driver watched over it"
    } catch {
      abandon(error)
    }
  }

  /// Kills what lives in a slot whose process ended, until the slot is free.
  func clear(_ slot: ProcessSlot) async throws {
    while true {
      switch try slot.occupancy() {
      case .free: return
      case .starting: try await loop.sleep(for: Self.slotLookInterval)
      case .main(let process): try await kill([process])
      case .offspring(let processes): try await kill(processes)
      }
    }
  }

  /// Between two looks at a slot that changes by itself within microseconds: a child that has not
  /// written its pid yet, or a process whose descriptors the kernel is closing.
  static let slotLookInterval = Duration.milliseconds(1)

  private func kill(_ processes: [SlotProcess]) async throws {
    for process in processes { try process.pidfd.signal(SIGKILL) }
    for process in processes { try await loop.waitReadable(process.pidfd.descriptor.number) }
  }
}
