import Synchronization

@testable import Daemon
@testable import Model

/// A clock that goes on by a millisecond with each reading, and further only when it is told: then
/// those wake up who wait for a moment that has come.
final class SteppedTime: TimeSource {
  private struct State {
    var now: Int64 = 1_000_000
    var waiting: [(until: Int64, wake: AsyncStream<Void>.Continuation)] = []
  }

  private let state = Mutex(State())

  func now() -> Timestamp {
    state.withLock { state in
      state.now += 1
      return Timestamp(milliseconds: state.now)
    }
  }

  func wait(until moment: Timestamp) async {
    let (stream, wake) = AsyncStream.makeStream(of: Void.self)
    let isDue = state.withLock { state in
      if moment.milliseconds <= state.now { return true }
      state.waiting.append((moment.milliseconds, wake))
      return false
    }
    if isDue { return }
    for await _ in stream {}
  }

  func advance(by duration: Milliseconds) {
    let due = state.withLock { state in
      state.now += duration.count
      let now = state.now
      let due = state.waiting.filter { $0.until <= now }
      state.waiting.removeAll { $0.until <= now }
      return due
    }
    for (_, wake) in due { wake.finish() }
  }
}
