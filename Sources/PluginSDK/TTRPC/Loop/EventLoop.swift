internal import Glibc
public import LinuxSystem
internal import Synchronization

/// One thread that waits for descriptors, timers and work, and runs whatever is ready.
///
/// It is a task executor and a serial executor at once, so that a call's handler runs on the thread
/// that read its frame and its answer is written by the same thread, with no hop in between. Work
/// comes in turns: everything that is ready runs, then what it produced is written, then the loop
/// sleeps until something happens. An idle loop makes no system call.
///
/// - Isolation: every method may be called from any thread unless it says otherwise.
/// - Invariant: work that was accepted before `stop` runs (guarded by `EventLoopTests`).
public final class EventLoop: TaskExecutor, SerialExecutor, Sendable {
  /// Names the thread, for debuggers.
  public let name: String

  private struct Inbox {
    var work: [LoopWork] = []
    var isWakeUpPending = false
  }

  private let inbox = Mutex(Inbox())
  private let wakeUp: EventFD
  private let isStopping = Atomic(false)
  /// pthread_self of the thread inside `run`; 0 while there is none.
  private let thread = Atomic<UInt>(0)
  // Confined to the loop's thread: `core` is private and reached through `confined`, which traps
  // on any other thread; before `run` nobody reaches it.
  private nonisolated(unsafe) let core: LoopCore

  /// A loop that does nothing until a thread calls `run`; work is accepted at once.
  public init(name: String) throws(SystemError) {
    self.name = name
    wakeUp = try EventFD()
    core = try LoopCore(wakeUp: wakeUp)
  }

  /// Starts a thread that runs a new loop until `stop`.
  public static func startThread(_ name: String) throws(SystemError) -> EventLoop {
    let loop = try EventLoop(name: name)
    let retained = Unmanaged.passRetained(loop)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<EventLoop>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, retained.toOpaque())
    if code != 0 {
      retained.release()
      throw SystemError(code: code, call: "pthread_create", subject: name)
    }
    pthread_detach(thread)
    return loop
  }

  /// Runs the loop on the calling thread until `stop`.
  public func run() {
    let (isFirst, _) = thread.compareExchange(
      expected: 0, desired: UInt(pthread_self()), ordering: .acquiringAndReleasing)
    precondition(isFirst, "event loop \(name) is run by two threads")
    while true {
      takeInbox()
      core.runTurn(on: self)
      // After the work, before the sleep: a stop that came with the work is seen.
      if isStopping.load(ordering: .acquiring), core.isIdle, isInboxEmpty { break }
      core.waitForEvents()
    }
    thread.store(0, ordering: .releasing)
  }

  /// Ends `run` once the work that is ready has run. Tasks that still wait never go on.
  public func stop() {
    isStopping.store(true, ordering: .releasing)
    wakeUp.notify()
  }

  /// Whether the caller is on the loop's thread.
  public var isOnLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  /// What belongs to the loop's thread alone; traps on any other.
  var confined: LoopCore {
    precondition(isOnLoop, "state of event loop \(name) was touched by another thread")
    return core
  }

  /// Runs an action on the loop: at the end of this turn's work, or of the next.
  public func execute(_ action: @escaping @Sendable () -> Void) {
    enqueue(.action(action))
  }

  func enqueue(_ work: consuming LoopWork) {
    if isOnLoop {
      core.ready.append(work)
      return
    }
    let work = work
    let mustWake = inbox.withLock { inbox in
      inbox.work.append(work)
      defer { inbox.isWakeUpPending = true }
      return !inbox.isWakeUpPending
    }
    if mustWake { wakeUp.notify() }
  }

  private func takeInbox() {
    inbox.withLock { inbox in
      inbox.isWakeUpPending = false
      core.ready += inbox.work
      inbox.work.removeAll(keepingCapacity: true)
    }
  }

  private var isInboxEmpty: Bool { inbox.withLock { $0.work.isEmpty } }
}
