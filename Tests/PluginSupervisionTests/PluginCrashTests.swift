import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import PluginSupervision

/// Plugins that die in the middle of a call, and what their neighbours notice of it: nothing.
@Suite("a plugin that crashes", .timeLimit(.minutes(10)))
struct PluginCrashTests {
  @Test(
    "its call's outcome is unknown, its end one event with cause and last words",
    arguments: [
      ("abort", PluginExit.Cause.signal(SIGABRT)), ("segv", .signal(SIGSEGV)),
      ("exit", .code(7)), ("memory", nil),
      // As the kernel's OOM killer does it.
      ("kill", .signal(SIGKILL)),
    ])
  func crash(means: String, cause: PluginExit.Cause?) async throws {
    let workshop = try Workshop()
    try workshop.install(more: "limits: {memory: 256Mi}")
    try await workshop.supervisor.start()
    let first = try await workshop.events.nextReady()
    let error = await #expect(throws: RPCError.self) { try await first.execute(means) }
    #expect(error?.delivery == .mayHaveBeenReceived)
    #expect(error?.reason == "ConnectionLost")
    let exit = try await workshop.events.nextGone()
    if let cause {
      #expect(exit.cause == cause)
    } else {
      // Its memory is limited: where it ends is its allocator's affair, that it ends is the kernel's.
      guard case .signal = exit.cause else { throw UnexpectedEnd(exit: exit) }
    }
    #expect(exit.endedByHost == nil)
    #expect(exit.lastLines.contains("about to \(means == "memory" ? "use memory" : means)"))
    let second = try await workshop.events.nextReady()
    #expect(try await second.execute("again") == "again")
    let gone = workshop.events.pending.filter { if case .gone = $0 { true } else { false } }
    #expect(gone.isEmpty)
    try await workshop.close()
  }

  private struct UnexpectedEnd: Error {
    let exit: PluginExit
  }

  @Test("a neighbour answers every call while it crashes again and again")
  func neighbours() async throws {
    let (crashes, callsPerCrash) = (8, 100)
    var policy = RestartPolicy()
    policy.firstDelay = .milliseconds(1)
    policy.longestDelay = .milliseconds(2)
    let workshop = try Workshop(policy: policy)
    try workshop.install("neighbour")
    try workshop.install("crasher")
    try await workshop.supervisor.start()
    let neighbour = try await workshop.events.nextReady("neighbour")
    let quiet = try await durations(of: callsPerCrash, to: neighbour)
    var noisy: [Duration] = []
    for _ in 1...crashes {
      let crasher = try await workshop.events.nextReady("crasher")
      async let lost = #expect(throws: RPCError.self) { try await crasher.execute("abort") }
      // On one and the same connection, throughout.
      noisy += try await durations(of: callsPerCrash, to: neighbour)
      #expect(await lost?.reason == "ConnectionLost")
      #expect(try await workshop.events.nextGone().cause == .signal(SIGABRT))
    }
    #expect(noisy.count == crashes * callsPerCrash)
    let snapshots = workshop.supervisor.snapshot()
    #expect(snapshots.first { $0.name == "neighbour" }?.restarts == 0)
    // The present run may have begun already.
    #expect(snapshots.first { $0.name == "crasher" }?.restarts ?? 0 >= crashes - 1)
    print("neighbour's median call: quiet \(median(quiet)), beside a crash loop \(median(noisy))")
    try await workshop.close()
  }

  private func durations(of count: Int, to plugin: PluginHandle) async throws -> [Duration] {
    var durations: [Duration] = []
    for number in 1...count {
      let before = ContinuousClock.now
      #expect(try await plugin.execute("\(number)") == "\(number)")
      durations.append(ContinuousClock.now - before)
    }
    return durations
  }

  private func median(_ durations: [Duration]) -> Duration {
    durations.sorted()[durations.count / 2]
  }
}
