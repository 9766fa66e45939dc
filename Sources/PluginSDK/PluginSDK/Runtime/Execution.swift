import PluginProto
import Synchronization
import TTRPC

/// One step of an external task while this process runs it.
///
/// executing → ended, or executing → goingOn → ended where it answered `running`.
///
/// - Isolation: a mutex.
final class Execution: Sendable {
  enum Phase: Sendable {
    case executing
    /// It answered `running`, with this handle; its end is pushed to the host.
    case goingOn(PluginV1.TaskReply)
    case ended
  }

  private struct State {
    var phase: Phase
    /// Somebody was told that the step runs and waits for its end as an update.
    var mustPush = false
    var task: Task<Void, Never>?
    var isCancelled = false
  }

  let key: StepKey
  /// The answer to Execute: the outcome, or that the step goes on.
  let answer = Promise<Result<PluginV1.TaskReply, RPCError>>()
  private let state: Mutex<State>

  init(_ key: StepKey, _ phase: Phase = .executing) {
    self.key = key
    state = Mutex(State(phase: phase))
  }

  var isEnded: Bool {
    state.withLock { if case .ended = $0.phase { true } else { false } }
  }

  /// Keeps the running work, so that it can be cancelled; cancels it where that was asked before.
  func keep(_ task: Task<Void, Never>) {
    let isCancelled = state.withLock { state in
      state.task = task
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  func cancel() {
    let task = state.withLock { state in
      state.isCancelled = true
      return state.task
    }
    task?.cancel()
  }

  /// executing → goingOn; false where the step ended before.
  func goOn(_ reply: PluginV1.TaskReply) -> Bool {
    state.withLock { state in
      if case .ended = state.phase { return false }
      state.phase = .goingOn(reply)
      state.mustPush = true
      return true
    }
  }

  /// → ended; nil where the step ended before, else whether its end must be pushed.
  func end() -> Bool? {
    state.withLock { state in
      if case .ended = state.phase { return nil }
      state.phase = .ended
      return state.mustPush
    }
  }

  /// What to tell somebody who asks about the step and will wait for its end as an update; nil where
  /// it ended and no update will come.
  func promiseUpdate() -> PluginV1.TaskReply? {
    state.withLock { state in
      state.mustPush = true
      return switch state.phase {
      case .executing: .running(handle: [], nil)
      case .goingOn(let reply): reply
      case .ended: nil
      }
    }
  }

  /// The update that shows progress; nil where nobody waits for updates of the step.
  func advance(_ progress: Progress) -> PluginV1.TaskReply? {
    state.withLock { state in
      switch state.phase {
      case .ended: return nil
      case .executing: return state.mustPush ? .running(handle: [], progress) : nil
      case .goingOn(let reply):
        let reply = PluginV1.TaskReply.running(handle: reply.handle, progress)
        state.phase = .goingOn(reply)
        return reply
      }
    }
  }
}
