import JSON
import LinuxSystem
import Synchronization

/// The tasks that the agent knows: where HTTP requests leave them and the worker takes them.
///
/// - Invariant: an id is answered only once its record is durable, and names one content for as
///   long as it is kept (guarded by `SidecarAgentTests`).
/// - Isolation: a lock. It is held while a record is written, on purpose: a second request for
///   the same id must not be answered from a record that a crash could still take back.
final class TaskBoard: Sendable {
  struct Limits: Sendable {
    /// Records kept in all; the oldest ended ones make room.
    var records = 1024
    /// Tasks accepted and not ended; more are refused with 503.
    var running = 64
    /// Requests that wait for an end at once; more are refused with 503.
    var waiters = 24
  }

  private struct State {
    var records: [String: TaskRecord] = [:]
    /// Ids of running tasks, oldest first; the first one is the worker's.
    var queue: [String] = []
    /// Ids of ended tasks, oldest first.
    var ended: [String] = []
    var waiters: [String: [Waiter]] = [:]
    var waiterCount = 0
    var nextSequence: Int64 = 1
  }

  private struct Waiter {
    /// The event's number, unique while it is open.
    let id: Int32
    let event: EventFD
  }

  private let directory: StateDirectory
  private let limits: Limits
  private let state: Mutex<State>
  /// Readable after a task was accepted.
  let work: EventFD

  /// Takes up what an earlier process of this agent left: ended tasks stay ended, running ones
  /// are the worker's first.
  init(directory: StateDirectory, limits: Limits = Limits()) throws(AgentError) {
    self.directory = directory
    self.limits = limits
    var state = State()
    for record in try directory.records() {
      state.records[record.id] = record
      if record.isTerminal { state.ended.append(record.id) } else { state.queue.append(record.id) }
      state.nextSequence = record.sequence + 1
    }
    self.state = Mutex(state)
    do throws(SystemError) { work = try EventFD() } catch { throw .system(error) }
  }

  func contains(_ id: String) -> Bool { state.withLock { $0.records[id] != nil } }

  func record(id: String) -> TaskRecord? { state.withLock { $0.records[id] } }

  /// Accepts a task, or joins the one that has its id.
  ///
  /// - Throws: `APIError` 409 where the id names other content, 503 where nothing was done.
  func submit(_ submission: TaskSubmission) throws(APIError) -> TaskRecord {
    let (record, isNew) = try state.withLock { state throws(APIError) in
      if let known = state.records[submission.id] {
        guard known.isSame(as: submission) else { throw Self.conflict(known) }
        return (known, false)
      }
      guard state.queue.count < limits.running else {
        throw .unavailable("Busy", "\(limits.running) tasks are waiting; submit it again later")
      }
      let record = TaskRecord(submission: submission, sequence: state.nextSequence)
      try Self.refusing { () throws(SystemError) in
        try write(record)
        try makeRoom(&state)
      }
      state.nextSequence += 1
      state.records[record.id] = record
      state.queue.append(record.id)
      return (record, true)
    }
    if isNew { work.notify() }
    return record
  }

  /// Returns when the task has ended or the time is over, with the record as it is then.
  ///
  /// - Throws: `APIError` 404 for an unknown id, 503 where too many wait already.
  func wait(id: String, milliseconds: Int) throws(APIError) -> TaskRecord {
    guard milliseconds > 0 else { return try found(record(id: id), id) }
    let event: EventFD
    do throws(SystemError) { event = try EventFD() } catch {
      throw .unavailable("Busy", "\(error)")
    }
    let waiterID = event.descriptor.number
    let present = try state.withLock { state throws(APIError) -> TaskRecord? in
      let record = try found(state.records[id], id)
      if record.isTerminal { return record }
      guard state.waiterCount < limits.waiters else {
        throw .unavailable("Busy", "\(limits.waiters) requests wait already; ask without wait_ms")
      }
      state.waiterCount += 1
      state.waiters[id, default: []].append(Waiter(id: waiterID, event: event))
      return nil
    }
    if let present { return present }
    event.wait(milliseconds: milliseconds)
    return try state.withLock { state throws(APIError) in
      state.waiterCount -= 1
      state.waiters[id]?.removeAll { $0.id == waiterID }
      if state.waiters[id]?.isEmpty == true { state.waiters[id] = nil }
      return try found(state.records[id], id)
    }
  }

  /// The oldest running task; nil where nothing runs. The worker's alone.
  func next() -> TaskRecord? {
    state.withLock { state in state.queue.first.flatMap { state.records[$0] } }
  }

  /// Writes what the worker noted in a running task.
  func update(_ record: TaskRecord) throws(SystemError) {
    try state.withLock { state throws(SystemError) in
      try write(record)
      state.records[record.id] = record
    }
  }

  /// Writes the end of the task at the head of the queue and wakes who waits for it.
  func finish(_ record: TaskRecord) throws(SystemError) {
    precondition(record.isTerminal, "task \(record.id) is finished without an end")
    let woken = try state.withLock { state throws(SystemError) in
      precondition(state.queue.first == record.id, "task \(record.id) ends out of its turn")
      try write(record)
      state.records[record.id] = record
      state.queue.removeFirst()
      state.ended.append(record.id)
      return state.waiters[record.id] ?? []
    }
    for waiter in woken { waiter.event.notify() }
  }

  private func makeRoom(_ state: inout State) throws(SystemError) {
    while state.records.count >= limits.records, let oldest = state.ended.first {
      try FileSystem.remove(directory.record(id: oldest))
      state.ended.removeFirst()
      state.records[oldest] = nil
    }
  }

  private func write(_ record: TaskRecord) throws(SystemError) {
    try AtomicFile.write(
      JSONValue.object(record.stored).serialized(), to: directory.record(id: record.id))
  }

  private func found(_ record: TaskRecord?, _ id: String) throws(APIError) -> TaskRecord {
    guard let record else {
      throw APIError(status: 404, reason: "NotFound", message: "no task has the id '\(id)'")
    }
    return record
  }

  private static func refusing(
    _ write: () throws(SystemError) -> Void
  ) throws(APIError) {
    do throws(SystemError) { try write() } catch {
      throw .unavailable("StorageFailed", "nothing was done, the record was not written: \(error)")
    }
  }

  private static func conflict(_ known: TaskRecord) -> APIError {
    APIError(
      status: 409, reason: "IDConflict",
      message: "task '\(known.id)' is a \(known.type.rawValue) with other type or params "
        + "(state \(known.state.json["state"]?.string ?? "")); submit this one under another id")
  }
}
