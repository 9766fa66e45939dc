internal import Synchronization

/// Ends what would otherwise go on for as long as its caller likes, when the host stops: watches and
/// logs that are followed.
///
/// - Isolation: a mutex; what waits is resumed after it is released.
final class StopBell: Sendable {
  private struct State {
    var isRung = false
    var lastWaiter: UInt64 = 0
    var waiters: [UInt64: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// Rings, for good.
  func ring() {
    let waiters = state.withLock { state in
      state.isRung = true
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.finish() }
  }

  /// Does the work until it ends by itself or the bell rings, which cancels it.
  ///
  /// - Returns: whether the work ended by itself.
  func whileSilent(_ work: @escaping @Sendable () async throws -> Void) async throws -> Bool {
    let (rung, continuation) = AsyncStream<Void>.makeStream()
    guard let waiter = join(continuation) else { return false }
    defer { state.withLock { $0.waiters[waiter] = nil } }
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await work()
        return true
      }
      group.addTask {
        for await _ in rung {}
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? true
    }
  }

  private func join(_ continuation: AsyncStream<Void>.Continuation) -> UInt64? {
    state.withLock { state in
      if state.isRung { return nil }
      state.lastWaiter += 1
      state.waiters[state.lastWaiter] = continuation
      return state.lastWaiter
    }
  }
}
