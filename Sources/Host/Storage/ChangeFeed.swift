internal import Model
internal import Synchronization

/// Wakes watchers when there is something for them.
///
/// It buffers nothing: a watcher that waits is given the changes of the commit that wakes it, one
/// that is busy reads what it missed from the table. So a slow watcher costs nobody anything until
/// what it needs is no longer kept, and then it is told.
///
/// - Isolation: any thread. Continuations are resumed after the lock is released.
final class ChangeFeed: Sendable {
  /// What a waiting watcher gets: changes, and the version up to which it has seen everything.
  struct Delivery: Sendable {
    var outcome: Result<[ObjectChange], StoreError>
    var cursor: UInt64
  }

  typealias Continuation = CheckedContinuation<Delivery, Never>

  /// What to do about a watcher that wants to wait.
  enum Admission: Equatable {
    case waits
    /// There is something after its cursor: read it.
    case behind
    case refused(StoreError)
  }

  private struct Waiter {
    var filter: ObjectFilter
    var cursor: UInt64
    var continuation: Continuation
  }

  private struct State {
    var published: UInt64
    var waiters: [UInt64: Waiter] = [:]
    var lastID: UInt64 = 0
    var isClosed = false
  }

  private let state: Mutex<State>
  private let limit: Int

  init(published: UInt64, limit: Int) {
    state = Mutex(State(published: published))
    self.limit = limit
  }

  static let cancelled = StoreError.unavailable("the watch was cancelled")
  static let closed = StoreError.unavailable("the store is closed")

  /// The version of the last commit that watchers know of.
  var published: UInt64 { state.withLock { $0.published } }

  var waiting: Int { state.withLock { $0.waiters.count } }

  func makeID() -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
  }

  /// Makes a watcher wait, unless something is there for it; only then is the continuation kept.
  func wait(id: UInt64, _ filter: ObjectFilter, after cursor: UInt64, _ continuation: Continuation)
    -> Admission
  {
    state.withLock { state in
      if state.isClosed { return .refused(Self.closed) }
      // A cancellation that comes later finds the waiter; one that came before is seen here.
      if Task.isCancelled { return .refused(Self.cancelled) }
      if state.published > cursor { return .behind }
      if state.waiters.count >= limit {
        return .refused(.unavailable("\(limit) watches wait already; end some of them"))
      }
      let waiter = Waiter(filter: filter, cursor: cursor, continuation: continuation)
      precondition(state.waiters.updateValue(waiter, forKey: id) == nil, "one next at a time")
      return .waits
    }
  }

  /// Tells of a durable commit. Called by the writer alone, in order.
  func publish(_ changes: [ObjectChange], version: UInt64) {
    let woken = state.withLock { state in
      state.published = version
      var woken: [(Continuation, Delivery)] = []
      for (id, waiter) in state.waiters {
        let matching = changes.filter {
          $0.object.version > waiter.cursor && waiter.filter.matches($0.object)
        }
        if matching.isEmpty {
          state.waiters[id]?.cursor = version
        } else {
          state.waiters[id] = nil
          woken.append(
            (waiter.continuation, Delivery(outcome: .success(matching), cursor: version)))
        }
      }
      return woken
    }
    for (continuation, delivery) in woken { continuation.resume(returning: delivery) }
  }

  func cancel(id: UInt64) {
    let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
    waiter?.continuation.resume(
      returning: Delivery(outcome: .failure(Self.cancelled), cursor: waiter?.cursor ?? 0))
  }

  /// Ends every watch.
  func close() {
    let waiters = state.withLock { state in
      state.isClosed = true
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters {
      waiter.continuation.resume(
        returning: Delivery(outcome: .failure(Self.closed), cursor: waiter.cursor))
    }
  }
}
