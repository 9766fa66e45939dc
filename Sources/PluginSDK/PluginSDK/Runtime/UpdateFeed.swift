import PluginProto
import Synchronization
import TTRPC

/// Answers the host's long polls as soon as something changed.
///
/// - Isolation: a mutex; pollers are woken after it is released.
final class UpdateFeed: Sendable {
  private struct State {
    var log: UpdateLog
    var pollers: [Promise<Void>] = []
    var isClosed = false
  }

  private let state: Mutex<State>
  private let loop: EventLoop

  init(start: UInt64, on loop: EventLoop) {
    state = Mutex(State(log: UpdateLog(start: start)))
    self.loop = loop
  }

  func push(_ update: PluginV1.TaskUpdate) { change { $0.append(update) } }

  func push(_ change: PluginV1.TargetChange) { self.change { $0.append(change) } }

  private func change(_ body: (inout UpdateLog) -> Void) {
    let pollers = state.withLock { state in
      body(&state.log)
      defer { state.pollers = [] }
      return state.pollers
    }
    for poller in pollers { poller.fulfill(()) }
  }

  /// Answers every poll at once from now on, so that none holds up a shutdown.
  func close() {
    let pollers = state.withLock { state in
      state.isClosed = true
      defer { state.pollers = [] }
      return state.pollers
    }
    for poller in pollers { poller.fulfill(()) }
  }

  /// What changed after the cursor; waits for a change up to `wait`.
  ///
  /// - Cancellation: ends the wait; nothing is lost, the cursor stays the reader's.
  func next(
    after cursor: UInt64, wait: Duration
  ) async throws(CancellationError) -> PluginV1.UpdatesReply {
    let poller = Promise<Void>()
    if let reply = begin(poller, after: cursor, wait: wait) { return reply }
    let timer = loop.spawn { [loop] in
      // Cancelled where the change came first; then nobody waits any more.
      try? await loop.sleep(for: wait)
      poller.fulfill(())
    }
    defer {
      timer.cancel()
      remove(poller)
    }
    try await poller.value()
    return state.withLock { $0.log.read(after: cursor) ?? $0.log.nothing() }
  }

  private func begin(
    _ poller: Promise<Void>, after cursor: UInt64, wait: Duration
  ) -> PluginV1.UpdatesReply? {
    state.withLock { state in
      if let reply = state.log.read(after: cursor) { return reply }
      if state.isClosed || wait <= .zero { return state.log.nothing() }
      state.pollers.append(poller)
      return nil
    }
  }

  private func remove(_ poller: Promise<Void>) {
    state.withLock { state in state.pollers.removeAll { $0 === poller } }
  }
}
