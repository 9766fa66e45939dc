import Glibc
import LinuxSystem

/// Does the tasks, one after the other in the order of their submission.
///
/// One at a time, because every task works on the same file and the same two marks.
/// - Isolation: the thread that calls `run`.
final class AgentWorker {
  private let board: TaskBoard
  private let effects: TaskEffects
  private let log: EffectsLog
  private let failpoint: Failpoint

  init(board: TaskBoard, effects: TaskEffects, log: EffectsLog, failpoint: Failpoint) {
    self.board = board
    self.effects = effects
    self.log = log
    self.failpoint = failpoint
  }

  /// Works until a signal arrives; blocks while there is nothing to do.
  ///
  /// - Throws: `SystemError` where the state directory can't be written: what was accepted stays
  ///   running on disk, and the next process resumes it.
  func run(until signals: SignalFD) throws(SystemError) {
    while try signals.next() == nil {
      board.work.clear()
      while let task = board.next(), try signals.next() == nil { try perform(task) }
      try awaitWork(or: signals)
    }
  }

  private func awaitWork(or signals: SignalFD) throws(SystemError) {
    var watched = [board.work.descriptor, signals.descriptor].map {
      pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&watched, nfds_t(watched.count), -1) < 0, errno != EINTR else { return }
    throw SystemError(code: errno, call: "poll", subject: "the agent's work")
  }

  /// Effect, then its line in the log, then the record: killed anywhere in between, the next
  /// process goes on from what is on disk.
  private func perform(_ task: TaskRecord) throws(SystemError) {
    var record = task
    if let state = log.state(of: record.id) {
      record.state = state
    } else {
      failpoint.reach("agent.\(record.type.rawValue).before")
      if record.type == .configApply, record.priorHash == nil {
        record.priorHash = effects.presentHash()
        try board.update(record)
      }
      record.state = try end(of: record)
      failpoint.reach("agent.\(record.type.rawValue).after")
      try log.append(record)
    }
    try board.finish(record)
    failpoint.reach("agent.\(record.type.rawValue).recorded")
    try log.compact(keeping: board.contains)
  }

  private func end(of record: TaskRecord) throws(SystemError) -> TaskRecord.State {
    do throws(EffectError) {
      return .complete(outputs: try effects.perform(record))
    } catch {
      switch error {
      case .task(let problem): return .failed(problem)
      case .storage(let error): throw error
      }
    }
  }
}
