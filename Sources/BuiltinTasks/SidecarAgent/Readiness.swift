import JSON
import LinuxSystem
import Synchronization

/// Whether this pod may start its main container, and whether it takes traffic.
///
/// `started` sticks for the pod's life: a server that is taken out of service goes on running.
///
/// - Invariant: what is answered is durable, so a restarted agent answers the same (guarded by
///   `SidecarAgentTests`).
final class Readiness: Sendable {
  struct Marks: Sendable, Equatable {
    var started = false
    var ready = false
  }

  private let path: String
  private let marks: Mutex<Marks>

  init(path: String) throws(AgentError) {
    self.path = path
    let stored = try StateDirectory.json(at: path)
    let marks = Marks(
      started: stored?["started"]?.bool ?? false, ready: stored?["ready"]?.bool ?? false)
    self.marks = Mutex(marks)
  }

  var current: Marks { marks.withLock { $0 } }

  /// Called by the worker alone, so no other write comes between the file and the answer.
  func mark(ready: Bool) throws(SystemError) {
    var next = current
    next.ready = ready
    next.started = next.started || ready
    let json: JSONValue = ["started": .bool(next.started), "ready": .bool(next.ready)]
    try AtomicFile.write(json.serialized(), to: path)
    marks.withLock { $0 = next }
  }
}
