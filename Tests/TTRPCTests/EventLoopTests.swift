import Glibc
import LinuxSystem
import Synchronization
import Testing

@testable import TTRPC

/// Values in the order in which they came, from any thread.
private final class Recorder: Sendable {
  private let storage = Mutex<[Int]>([])

  var values: [Int] { storage.withLock { $0 } }

  func append(_ value: Int) { storage.withLock { $0.append(value) } }
}

@Suite("the event loop")
struct EventLoopTests {
  /// Runs `body` on the loop and returns what it gives.
  private func onLoop<Value: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { continuation.resume(with: Result { try body() }) }
    }
  }

  @Test("runs actions in their order, from any thread, on its own thread")
  func order() async throws {
    let loop = try EventLoop.startThread("order")
    let seen = Recorder()
    for index in 0..<1000 {
      loop.execute {
        #expect(loop.isOnLoop)
        seen.append(index)
      }
    }
    try await onLoop(loop) {}
    #expect(seen.values == Array(0..<1000))
    #expect(!loop.isOnLoop)
    loop.stop()
  }

  @Test("runs tasks that were spawned on it on its thread, after each suspension too")
  func tasks() async throws {
    let loop = try EventLoop.startThread("tasks")
    let task = loop.spawn {
      #expect(loop.isOnLoop)
      await Task.yield()
      #expect(loop.isOnLoop)
      try? await loop.sleep(for: .milliseconds(1))
      #expect(loop.isOnLoop)
      async let child = loop.isOnLoop
      #expect(await child)
    }
    await task.value
    loop.stop()
  }

  @Test("is an actor's executor where the actor names it")
  func actors() async throws {
    let loop = try EventLoop.startThread("actor")
    actor Confined {
      let loop: EventLoop
      init(_ loop: EventLoop) { self.loop = loop }
      nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
      func isOnLoop() -> Bool { loop.isOnLoop }
    }
    let confined = Confined(loop)
    #expect(await confined.isOnLoop())
    try await onLoop(loop) {
      #expect(confined.assumeIsolated { $0.loop.isOnLoop })
    }
    loop.stop()
  }

  @Test("runs what it accepted before it was stopped, and then returns")
  func stopping() throws {
    let loop = try EventLoop(name: "stopping")
    let count = Atomic(0)
    for _ in 0..<10 {
      loop.execute {
        count.add(1, ordering: .relaxed)
        loop.execute { _ = count.add(1, ordering: .relaxed) }
      }
    }
    loop.stop()
    loop.run()
    #expect(count.load(ordering: .relaxed) == 20)
  }

  @Test("wakes sleepers in the order of their deadlines, never early")
  func sleeping() throws {
    // All begin to sleep in the first turn, however slow the machine is.
    let loop = try EventLoop(name: "sleeping")
    let start = MonotonicTime.now()
    let order = Recorder()
    for milliseconds in [15, 5, 10] {
      loop.spawn {
        try? await loop.sleep(until: start + .milliseconds(milliseconds))
        #expect(MonotonicTime.now() >= start + .milliseconds(milliseconds))
        order.append(milliseconds)
        if order.values.count == 3 { loop.stop() }
      }
    }
    loop.run()
    #expect(order.values == [5, 10, 15])
  }

  @Test("ends a sleep that is cancelled, before it began or during it, and keeps no timer")
  func cancelledSleep() async throws {
    let loop = try EventLoop.startThread("cancelled")
    for cancelsFirst in [true, false] {
      let (started, signal) = AsyncStream.makeStream(of: Void.self)
      let task = Task {
        if cancelsFirst { withUnsafeCurrentTask { $0?.cancel() } }
        signal.yield()
        try await loop.sleep(for: .seconds(3600))
      }
      for await _ in started { break }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    #expect(try await onLoop(loop) { loop.confined.timers.count } == 0)
    loop.stop()
  }

  @Test("resumes a task when its descriptor is ready, each direction for itself")
  func readiness() async throws {
    let loop = try EventLoop.startThread("readiness")
    let (left, right) = try UnixSocket.pair()
    try await loop.waitWritable(left.number)
    async let readable: Void = loop.waitReadable(left.number)
    try await loop.waitWritable(left.number)
    try right.writeAll([1])
    try await readable
    #expect(try left.read(upTo: 9) == [1])
    right.close()
    // The end counts as readable.
    try await loop.waitReadable(left.number)
    #expect(try left.read(upTo: 9) == [])
    loop.stop()
  }

  @Test("refuses a second waiter for one direction, and what epoll doesn't take")
  func refusedWaits() async throws {
    let loop = try EventLoop.startThread("refused")
    let (left, right) = try UnixSocket.pair()
    let first = Task { try await loop.waitReadable(left.number) }
    // The first is registered once the loop knows the descriptor.
    while try await onLoop(loop, { loop.confined.waiters.isEmpty }) { await Task.yield() }
    await #expect(throws: SystemError.self) { try await loop.waitReadable(left.number) }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    #expect(try await onLoop(loop) { loop.confined.waiters.isEmpty })
    right.close()
    try await loop.waitReadable(left.number)

    let file = try Descriptor.open("/proc/self/exe", O_RDONLY)
    await #expect(throws: SystemError.self) { try await loop.waitReadable(file.number) }
    loop.stop()
  }

  @Test("gives no event of a closed descriptor to the next owner of its number")
  func staleEvents() throws {
    /// Closes the other's socket and opens one with the same number, once it is ready.
    final class Replacer: ReadinessHandler {
      let core: LoopCore
      let mine: Descriptor
      var other: Replacer?
      var token: UInt64 = 0
      var onReplaced: (Int32) -> Void = { _ in }
      var eventCount = 0

      init(_ core: LoopCore, _ mine: Descriptor) throws {
        self.core = core
        self.mine = mine
        token = try core.register(mine.number, .readable, self)
      }

      func ready(_ readiness: Epoll.Readiness) {
        eventCount += 1
        guard let other else { return }
        let number = other.mine.number
        core.unregister(other.token)
        other.mine.close()
        onReplaced(number)
      }
    }

    let loop = try EventLoop(name: "stale")
    loop.execute {
      let core = loop.confined
      do {
        let (a, peerOfA) = try UnixSocket.pair()
        let (b, peerOfB) = try UnixSocket.pair()
        let (first, second) = (try Replacer(core, a), try Replacer(core, b))
        (first.other, second.other) = (second, first)
        var successors: [Replacer] = []
        for replacer in [first, second] {
          replacer.onReplaced = { number in
            // Nothing ever comes on this one, so any event is the old owner's.
            let fresh = dup2(peerOfA.number, number)
            #expect(fresh == number)
            (first.other, second.other) = (nil, nil)
            successors.append(try! Replacer(core, Descriptor(owning: number)))
          }
        }
        // Both are ready in one batch; whichever is told first replaces the other.
        try peerOfA.writeAll([1])
        try peerOfB.writeAll([1])
        core.waitForEvents()
        #expect(first.eventCount + second.eventCount == 1)
        #expect(successors.map(\.eventCount) == [0])
        core.unregister(first.token)
        core.unregister(second.token)
        for successor in successors { core.unregister(successor.token) }
      } catch {
        Issue.record(error)
      }
    }
    loop.stop()
    loop.run()
  }
}
