import JSON
import LinuxSystem

/// A pod as the driver holds it: what is kept of it, its machine, and its live processes.
struct SupervisedPod {
  var record: PodRecord
  var machine: PodMachine
  /// By the container's index.
  var processes: [Int: SlotProcess] = [:]
  var startedAt: [Int: MonotonicTime] = [:]

  init(_ record: PodRecord) {
    self.record = record
    machine = PodMachine(template: record.template, isStopping: record.isStopping)
  }

  var isReady: Bool { machine.isReady }

  var phase: String {
    if machine.isStopping { return "Stopping" }
    return machine.containers.allSatisfy(\.isStarted) ? "Running" : "Pending"
  }

  /// Brings the record up to what the machine says; false where nothing changed.
  mutating func syncRecord() -> Bool {
    var changed = record.isStopping != machine.isStopping
    record.isStopping = machine.isStopping
    for (index, container) in machine.containers.enumerated() {
      var kept = record.containers[index]
      kept.runs = container.run
      kept.isStarted = container.isStarted
      kept.isReady = container.isReady
      changed = changed || kept != record.containers[index]
      record.containers[index] = kept
    }
    return changed
  }

  func observed() -> JSONValue {
    let specs = record.template.all
    let containers = specs.indices.map { index -> JSONValue in
      let container = machine.containers[index]
      let pid = processes[index].map { JSONValue.integer(Int64($0.identity.pid)) } ?? .null
      return [
        "name": .string(specs[index].name), "pid": pid,
        "image": .string(specs[index].image.description),
        "running": .bool(processes[index] != nil),
        "restarts": .integer(Int64(max(0, container.run - 1))),
        "lastExit": .string(record.containers[index].lastExit),
      ]
    }
    return [
      "name": .string(record.name.name), "uid": .string(record.uid),
      "revision": .string(record.revision), "ip": .string(record.address),
      "ready": .bool(isReady), "phase": .string(phase),
      "sidecarReady": .bool(machine.areSidecarsReady && !machine.isStopping),
      "containers": .array(containers),
    ]
  }
}
