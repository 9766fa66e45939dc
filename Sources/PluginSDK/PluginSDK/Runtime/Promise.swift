import Synchronization

/// A value that comes once and that any number of tasks wait for.
///
/// - Isolation: a mutex; waiters are resumed after it is released.
final class Promise<Value: Sendable>: Sendable {
  private typealias Waiter = CheckedContinuation<Result<Value, CancellationError>, Never>

  private enum State {
    case pending([UInt64: Waiter], nextID: UInt64)
    case fulfilled(Value)
  }

  private let state = Mutex(State.pending([:], nextID: 0))

  /// Gives the value to all who wait or will wait; a second value is ignored.
  func fulfill(_ value: Value) {
    let waiters = state.withLock { state -> [Waiter] in
      guard case .pending(let waiters, _) = state else { return [] }
      state = .fulfilled(value)
      return Array(waiters.values)
    }
    for waiter in waiters { waiter.resume(returning: .success(value)) }
  }

  /// Waits for the value.
  ///
  /// - Cancellation: ends the wait at once; the value still comes for others.
  func value() async throws(CancellationError) -> Value {
    let id = state.withLock { state -> UInt64 in
      guard case .pending(let waiters, let nextID) = state else { return 0 }
      state = .pending(waiters, nextID: nextID + 1)
      return nextID
    }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if let result = add(waiter, id) { waiter.resume(returning: result) }
      }
    } onCancel: {
      remove(id)?.resume(returning: .failure(CancellationError()))
    }
    return try result.get()
  }

  /// What the waiter gets at once; nil where it must wait.
  private func add(_ waiter: Waiter, _ id: UInt64) -> Result<Value, CancellationError>? {
    // A cancellation before this point found nobody to resume; the flag is read under the lock, so
    // that one after it finds the waiter.
    state.withLock { state in
      switch state {
      case .fulfilled(let value): return .success(value)
      case .pending(var waiters, let nextID):
        if Task.isCancelled { return .failure(CancellationError()) }
        waiters[id] = waiter
        state = .pending(waiters, nextID: nextID)
        return nil
      }
    }
  }

  private func remove(_ id: UInt64) -> Waiter? {
    state.withLock { state in
      guard case .pending(var waiters, let nextID) = state else { return nil }
      let waiter = waiters.removeValue(forKey: id)
      state = .pending(waiters, nextID: nextID)
      return waiter
    }
  }
}
