internal import LinuxSystem

/// Told when a watched descriptor is ready.
protocol ReadinessHandler: AnyObject {
  func ready(_ readiness: Epoll.Readiness)
}

/// Told once at the end of a turn, after all that was ready has run.
protocol TurnEnding: AnyObject {
  func endTurn()
}

/// What belongs to a loop's thread: its queue, timers and registrations.
///
/// - Isolation: the loop's thread.
final class LoopCore {
  /// The most pieces of work that run before descriptors are looked at again, so that tasks that
  /// wake each other can't starve the sockets.
  static let workPerTurnMax = 4096
  private static let eventsPerWaitMax = 256
  private static let wakeUpToken: UInt64 = 0

  /// A watched descriptor. The id tells it from an earlier owner of the same number, whose events
  /// may still be in the batch.
  private struct Registration {
    let id: UInt32
    let handler: any ReadinessHandler
  }

  var ready: [LoopWork] = []
  var timers = TimerHeap()
  private let epoll: Epoll
  private let wakeUp: EventFD
  /// Indexed by descriptor: numbers are small and dense.
  private var registrations: [Registration?] = []
  private var lastID: UInt32 = 0
  private var ending: [any TurnEnding] = []
  var waiters: [Int32: DescriptorWaiters] = [:]

  private var spin = YieldingSpin.ofEnvironment()
  /// The last wait brought an event: another may follow soon.
  private var isActive = false

  init(wakeUp: EventFD) throws(SystemError) {
    self.wakeUp = wakeUp
    epoll = try Epoll(capacity: Self.eventsPerWaitMax)
    try epoll.add(wakeUp.descriptor.number, .readable, token: Self.wakeUpToken)
  }

  var isIdle: Bool { ready.isEmpty }

  /// Asks for `endTurn` at the end of this turn. The caller asks once a turn at most.
  func atEndOfTurn(_ participant: any TurnEnding) { ending.append(participant) }

  func runTurn(on loop: EventLoop) {
    if let due = timers.nextDeadline, due <= .now() {
      let now = MonotonicTime.now()
      while let timer = timers.popDue(at: now) { timer.action() }
    }
    var count = 0
    while count < ready.count, count < Self.workPerTurnMax {
      loop.run(ready[count])
      count += 1
    }
    if count == ready.count {
      ready.removeAll(keepingCapacity: true)
    } else {
      ready.removeFirst(count)
    }
    // A participant that ends its turn may make another one due.
    var index = 0
    while index < ending.count {
      ending[index].endTurn()
      index += 1
    }
    ending.removeAll(keepingCapacity: true)
  }

  /// Waits until a descriptor, a timer or another thread has something, and tells the handlers.
  func waitForEvents() {
    let timeout = sleepTime()
    var count = 0
    if timeout == 0 {
      count = poll(0)
    } else {
      if isActive, spin.isOn { count = spinForEvents() }
      if count == 0 { count = sleepForEvents(timeout) }
    }
    isActive = count > 0
    for index in 0..<count {
      let (token, readiness) = epoll[index]
      if token == Self.wakeUpToken { wakeUp.clear() } else { dispatch(token, readiness) }
    }
  }

  private func poll(_ timeout: UInt64?) -> Int {
    do throws(SystemError) {
      return try epoll.wait(timeout: timeout)
    } catch {
      preconditionFailure("an event loop lost its epoll descriptor: \(error)")
    }
  }

  /// Gives the processor to whoever wants it, and looks, until an event comes or the window is over.
  private func spinForEvents() -> Int {
    let start = MonotonicTime.now().nanoseconds
    while true {
      // First the yield: who answers needs the processor before there is something to see.
      Processor.yield()
      let count = poll(0)
      let elapsed = MonotonicTime.now().nanoseconds - start
      if count > 0 || elapsed > YieldingSpin.windowNanoseconds {
        spin.spun(elapsed, foundEvent: count > 0)
        return count
      }
    }
  }

  private func sleepForEvents(_ timeout: UInt64?) -> Int {
    guard isActive, !spin.isForbidden else { return poll(timeout) }
    let start = MonotonicTime.now().nanoseconds
    let count = poll(timeout)
    if count > 0 { spin.slept(MonotonicTime.now().nanoseconds - start) }
    return count
  }

  /// Nanoseconds until something is known to be due; nil = until an event.
  private func sleepTime() -> UInt64? {
    if !ready.isEmpty || !ending.isEmpty { return 0 }
    guard let due = timers.nextDeadline else { return nil }
    let now = MonotonicTime.now()
    return due > now ? due.nanoseconds - now.nanoseconds : 0
  }

  private func dispatch(_ token: UInt64, _ readiness: Epoll.Readiness) {
    let number = Int(token & 0xFFFF_FFFF)
    // A handler earlier in this batch may have ended this one, or given its number to another.
    guard number < registrations.count, let registration = registrations[number],
      registration.id == UInt32(token >> 32)
    else { return }
    registration.handler.ready(readiness)
  }

  /// Watches a descriptor until `unregister`. Returns the token that names the registration.
  func register(
    _ number: Int32, _ interest: Epoll.Readiness, _ handler: any ReadinessHandler
  ) throws(SystemError) -> UInt64 {
    // Zero is the wake-up's: ids start over at 1.
    lastID = lastID == .max ? 1 : lastID + 1
    let token = UInt64(lastID) << 32 | UInt64(UInt32(bitPattern: number))
    try epoll.add(number, interest, token: token)
    while registrations.count <= Int(number) { registrations.append(nil) }
    registrations[Int(number)] = Registration(id: lastID, handler: handler)
    return token
  }

  func modify(_ token: UInt64, _ interest: Epoll.Readiness) throws(SystemError) {
    try epoll.modify(Int32(truncatingIfNeeded: token & 0xFFFF_FFFF), interest, token: token)
  }

  /// Ends a registration, before its descriptor is closed. Ending it again does nothing.
  func unregister(_ token: UInt64) {
    let number = Int(token & 0xFFFF_FFFF)
    guard number < registrations.count, registrations[number]?.id == UInt32(token >> 32) else {
      return
    }
    registrations[number] = nil
    epoll.remove(Int32(number))
  }
}
