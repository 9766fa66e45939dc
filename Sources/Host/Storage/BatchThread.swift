internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// A named thread that takes what is waiting for it, all at once and in order.
///
/// What comes while it works makes the next batch: that is what group commit is.
///
/// - Isolation: `submit` and `stop` from any thread; `work` runs on the thread alone, and what it
///   captured is the thread's.
final class BatchThread<Item: Sendable>: Sendable {
  private struct State {
    var waiting: [Item] = []
    var isAsleep = false
    var isStopping = false
    var thread: pthread_t?
  }

  enum Submission {
    case accepted
    /// As many wait as may.
    case full
    case stopped
  }

  private let state = Mutex(State())
  private let wakeup = Wakeup()
  private let limit: Int
  private let batch: Int

  /// - Parameters:
  ///   - name: at most 15 bytes, as the kernel keeps it.
  ///   - limit: items that may wait.
  ///   - batch: items that `work` is given at once.
  ///   - work: called on the thread, again and again, and dropped there in the end.
  init(
    name: String, limit: Int, batch: Int, work: sending @escaping ([Item]) -> Void
  ) throws(SystemError) {
    precondition(name.utf8.count <= ThreadName.maximumBytes)
    self.limit = limit
    self.batch = batch
    let start = ThreadStart { [self] in
      ThreadName.set(name)
      run(work)
    }
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil, storeThreadMain, Unmanaged.passRetained(start).toOpaque())
    guard code == 0 else {
      Unmanaged.passUnretained(start).release()
      throw SystemError(code: code, call: "pthread_create", subject: name)
    }
    state.withLock { [thread] in $0.thread = thread }
  }

  func submit(_ item: Item) -> Submission {
    let (outcome, isAsleep) = state.withLock { state -> (Submission, Bool) in
      if state.isStopping { return (.stopped, false) }
      if state.waiting.count >= limit { return (.full, false) }
      state.waiting.append(item)
      defer { state.isAsleep = false }
      return (.accepted, state.isAsleep)
    }
    if isAsleep { wakeup.signal() }
    return outcome
  }

  /// Takes nothing more, lets the thread finish what waits, and returns once it has ended.
  ///
  /// Not to be called on the thread itself.
  func stop() {
    let thread = state.withLock { state in
      state.isStopping = true
      defer { state.thread = nil }
      return state.thread
    }
    wakeup.signal()
    if let thread {
      precondition(pthread_equal(thread, pthread_self()) == 0, "a thread can't wait for itself")
      pthread_join(thread, nil)
    }
  }

  private func run(_ work: ([Item]) -> Void) {
    while let items = take() {
      if items.isEmpty { wakeup.wait() } else { work(items) }
    }
  }

  /// Nil = the end; empty = nothing to do, and `submit` will signal.
  private func take() -> [Item]? {
    state.withLock { state in
      if state.waiting.isEmpty {
        if state.isStopping { return nil }
        state.isAsleep = true
        return []
      }
      if state.waiting.count <= batch {
        defer { state.waiting = [] }
        return state.waiting
      }
      defer { state.waiting.removeFirst(batch) }
      return Array(state.waiting.prefix(batch))
    }
  }
}

/// What a new thread runs; it goes to that thread and nowhere else.
private final class ThreadStart {
  let body: () -> Void

  init(_ body: @escaping () -> Void) {
    self.body = body
  }
}

/// Where the store's threads begin: named so that it shows in a debugger's stack.
private func storeThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
  return nil
}
