internal import Synchronization

/// A clock that stands still until a test moves it: what tasks sleep on in a `PluginBench`.
///
/// - Isolation: a mutex; sleepers are resumed after it is released.
public final class ManualTime: Sendable {
  private typealias Sleeper = CheckedContinuation<Void, any Error>
  private typealias Observer = CheckedContinuation<Void, Never>

  private struct State {
    var now = Duration.zero
    var nextID: UInt64 = 0
    var sleepers: [UInt64: (wakes: Duration, sleeper: Sleeper)] = [:]
    var cancelled: Set<UInt64> = []
    var observers: [(count: Int, observer: Observer)] = []

    mutating func takeSatisfiedObservers() -> [Observer] {
      let count = sleepers.count
      defer { observers.removeAll { $0.count <= count } }
      return observers.filter { $0.count <= count }.map(\.observer)
    }
  }

  private let state = Mutex(State())

  /// A clock at zero.
  public init() {}

  /// How far the clock has been moved.
  public var now: Duration { state.withLock { $0.now } }

  /// Moves the clock, and wakes whoever has slept long enough, the earliest first.
  public func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now += duration
      let due = state.sleepers.filter { $0.value.wakes <= state.now }
      for id in due.keys { state.sleepers[id] = nil }
      return due.values.sorted { $0.wakes < $1.wakes }.map(\.sleeper)
    }
    for sleeper in due { sleeper.resume() }
  }

  /// Returns once so many tasks sleep: then moving the clock can't come too early for them.
  public func waitForSleepers(_ count: Int = 1) async {
    await withCheckedContinuation { observer in
      let satisfied = state.withLock { state in
        state.observers.append((count, observer))
        return state.takeSatisfiedObservers()
      }
      for observer in satisfied { observer.resume() }
    }
  }

  /// Returns when the clock has been moved that far.
  ///
  /// - Cancellation: `CancellationError` at once.
  public func sleep(for duration: Duration) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (sleeper: Sleeper) in
        let (isCancelled, observers) = state.withLock { state in
          if state.cancelled.remove(id) != nil { return (true, [Observer]()) }
          state.sleepers[id] = (state.now + duration, sleeper)
          return (false, state.takeSatisfiedObservers())
        }
        if isCancelled { sleeper.resume(throwing: CancellationError()) }
        for observer in observers { observer.resume() }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        guard let found = state.sleepers.removeValue(forKey: id) else {
          state.cancelled.insert(id)
          return nil
        }
        return found.sleeper
      }
      sleeper?.resume(throwing: CancellationError())
    }
  }
}
