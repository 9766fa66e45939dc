public import LinuxSystem

extension EventLoop {
  /// Suspends the task for a while; the loop's thread goes on.
  ///
  /// - Cancellation: ends the sleep at once with `CancellationError`; nothing is left behind.
  public func sleep(for duration: Duration) async throws(CancellationError) {
    try await sleep(until: .now() + duration)
  }

  /// Suspends the task until a moment; one that has passed returns in this turn.
  ///
  /// - Cancellation: ends the sleep at once with `CancellationError`; nothing is left behind.
  public func sleep(until deadline: MonotonicTime) async throws(CancellationError) {
    let outcome = await suspend { core, wait in
      let timer = LoopTimer(deadline: deadline) { wait.finish(.success(())) }
      wait.onCancel = { core.timers.remove(timer) }
      core.timers.insert(timer)
    }
    if case .failure = outcome { throw CancellationError() }
  }

  /// Suspends the task until a read of the descriptor would not wait (data, end or error).
  ///
  /// Works for what epoll takes: sockets, pipes, pidfds, signalfds, inotify; a regular file is
  /// refused with EPERM. One task at a time may wait for each direction of a descriptor; a second
  /// one gets EBUSY. The descriptor must stay open meanwhile.
  ///
  /// - Cancellation: `CancellationError` at once; nothing is left behind.
  public func waitReadable(_ descriptor: Int32) async throws {
    try await waitReady(descriptor, .readable)
  }

  /// Suspends the task until a write to the descriptor would not wait; as `waitReadable`.
  public func waitWritable(_ descriptor: Int32) async throws {
    try await waitReady(descriptor, .writable)
  }

  private func waitReady(_ number: Int32, _ direction: Epoll.Readiness) async throws {
    try await suspend { core, wait in
      do throws(SystemError) {
        try core.addWaiter(wait, number, direction)
        wait.onCancel = { core.removeWaiter(number, direction) }
      } catch {
        wait.finish(.failure(error))
      }
    }.get()
  }

  /// Suspends the task; `begin` runs on the loop and sees to it that the wait is finished one day.
  func suspend(
    _ begin: @escaping @Sendable (LoopCore, LoopWait) -> Void
  ) async -> Result<Void, any Error> {
    let wait = LoopBound(LoopWait(), on: self)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let start: @Sendable () -> Void = {
          if wait.value.begin(continuation) { begin(self.confined, wait.value) }
        }
        if isOnLoop { start() } else { execute(start) }
      }
    } onCancel: {
      execute { wait.value.cancel() }
    }
  }
}

/// A task that waits for the loop to go on, exactly once.
///
/// created → waiting → finished; created → cancelled → finished, when the cancellation overtakes
/// the start on its way to the loop.
///
/// - Isolation: the loop's thread.
final class LoopWait {
  private enum State {
    case created
    case waiting(CheckedContinuation<Result<Void, any Error>, Never>)
    case cancelled
    case finished
  }

  private var state = State.created
  var onCancel: () -> Void = {}

  /// False where the wait was over before it began.
  func begin(_ continuation: CheckedContinuation<Result<Void, any Error>, Never>) -> Bool {
    if case .cancelled = state {
      state = .finished
      continuation.resume(returning: .failure(CancellationError()))
      return false
    }
    state = .waiting(continuation)
    return true
  }

  func finish(_ outcome: Result<Void, any Error>) {
    guard case .waiting(let continuation) = state else { return }
    state = .finished
    onCancel = {}
    continuation.resume(returning: outcome)
  }

  func cancel() {
    switch state {
    case .created: state = .cancelled
    case .waiting:
      onCancel()
      finish(.failure(CancellationError()))
    case .cancelled, .finished: break
    }
  }
}
