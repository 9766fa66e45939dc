import CCallCounter
import LinuxSystem
import PluginProto
import Synchronization
import Testing

@testable import TTRPC

/// What calls cost, counted: allocations and system calls don't depend on the machine's mood.
///
/// Client and server share a loop, so that one thread's counts are both sides'. The figures are of a
/// build without optimisation; a build with it allocates less. Where one is exceeded for a reason,
/// raise it and say why in the commit.
@Suite("the cost of calls, counted")
struct CallCostTests {
  /// What the codec allocates for a frame: the context of the closure that appends its data, which an
  /// optimised build keeps on the stack.
  private static let frameAllocationsMax: Int64 = 1
  /// What one call allocates, both sides together.
  private static let allocationsMax = 60.0
  /// Two sends and two reads, and a wait before each read.
  private static let systemCallsMax = 6.5
  /// Of 64 calls at once: all requests and all replies go in a few writes.
  private static let crowdSystemCallsMax = 0.5

  private struct Counts {
    var allocations = 0.0
    var systemCalls = 0.0
  }

  private static func counted() -> (allocations: Int64, systemCalls: Int64) {
    let counts = call_counts_of_thread()
    return (counts.allocations, counts.reads + counts.sends + counts.epoll_waits)
  }

  @Test("a steady flow of frames allocates no buffers in the codec")
  func codec() throws {
    var flow = Flow()
    for _ in 0..<100 { try flow.pass() }
    flow.allocations = 0
    flow.frames = 0
    for _ in 0..<1000 { try flow.pass() }
    #expect(flow.frames == 3000)
    #expect(flow.allocations <= Int64(flow.frames) * Self.frameAllocationsMax)
  }

  /// Frames that are appended, written and decoded. What is counted is what is done for each frame;
  /// between the two the bytes are only copied, in place of a socket.
  private struct Flow: ~Copyable {
    private var outbound = OutboundBuffer()
    private var decoder = FrameDecoder(limits: Limits())
    private let payload = [UInt8](repeating: 7, count: 1000)
    private let streams: [StreamID] = [1, 3, 5]
    var frames = 0
    var allocations: Int64 = 0

    mutating func pass() throws {
      let start = CallCostTests.counted().allocations
      for stream in streams {
        _ = outbound.append(stream: stream, type: .request, limit: 1 << 20) { $0 += payload }
      }
      allocations += CallCostTests.counted().allocations - start
      while !outbound.isEmpty {
        let space = decoder.space()
        let count = outbound.withPending { pending in
          let count = min(space.count, pending.count)
          space.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending.prefix(count)))
          return count
        }
        outbound.written(count)
        let start = CallCostTests.counted().allocations
        decoder.received(count)
        while let item = try decoder.next() {
          if case .frame = item { frames += 1 }
        }
        allocations += CallCostTests.counted().allocations - start
      }
    }
  }

  /// Counts on the loop's thread: `lanes` tasks that make `calls` calls each, one after the other.
  private func cost(lanes: Int, calls: Int) async throws -> Counts {
    let pair = try EchoPair(.one)
    let loop = pair.client.loop
    let message = Echo.Message(key: "key", value: String(repeating: "x", count: 100))
    @Sendable func run() async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<lanes {
          group.addTask(executorPreference: loop) {
            for _ in 0..<calls { _ = try await pair.client.call(Echo.unary, message) }
          }
        }
        try await group.waitForAll()
      }
    }
    let outcome = Mutex<Result<Counts, any Error>?>(nil)
    await loop.spawn {
      do {
        try await run()
        let before = Self.counted()
        try await run()
        let after = Self.counted()
        let count = Double(lanes * calls)
        let counts = Counts(
          allocations: Double(after.allocations - before.allocations) / count,
          systemCalls: Double(after.systemCalls - before.systemCalls) / count)
        outcome.withLock { $0 = .success(counts) }
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
    }.value
    pair.client.close()
    return try #require(outcome.withLock { $0 }).get()
  }

  @Test("a call alone: two sends, two reads, and few allocations")
  func alone() async throws {
    let cost = try await cost(lanes: 1, calls: 500)
    #expect(cost.systemCalls <= Self.systemCallsMax)
    #expect(cost.allocations <= Self.allocationsMax)
    // A counter that counts nothing would pass everything.
    #expect(cost.systemCalls >= 4)
    #expect(cost.allocations >= 1)
  }

  @Test("64 calls at once share their writes and reads")
  func crowd() async throws {
    let cost = try await cost(lanes: 64, calls: 50)
    #expect(cost.systemCalls <= Self.crowdSystemCallsMax)
    #expect(cost.allocations <= Self.allocationsMax)
  }
}
