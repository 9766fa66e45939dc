import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import PluginSupervision

/// Plugins that die in the middle of a call, or at any other moment of their lives.
@Suite("a plugin that crashes", .timeLimit(.minutes(10)))
struct PluginCrashTests {
  @Test(
    "its call's outcome is unknown, its end one event with cause and last words",
    arguments: [
      ("abort", PluginExit.Cause.signal(SIGABRT)), ("segv", .signal(SIGSEGV)),
      ("exit", .code(7)), ("memory", nil),
      // What the kernel's OOM killer does: to the host it is a SIGKILL like any other.
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
    #expect(exit.lastLines.contains("about to \(means)"))
    let second = try await workshop.events.nextReady()
    #expect(try await second.execute("again") == "again")
    let gone = workshop.events.pending.filter { if case .gone = $0 { true } else { false } }
    #expect(gone.isEmpty)
    try await workshop.close()
  }

  private struct UnexpectedEnd: Error {
    let exit: PluginExit
  }

  private static let moments = [
    "start", "handshake", "describe", "configure", "targets", "health", "updates",
  ]
  private static let means: [(String, PluginExit.Cause)] = [
    ("abort", .signal(SIGABRT)), ("segv", .signal(SIGSEGV)), ("exit", .code(7)),
    ("kill", .signal(SIGKILL)),
  ]

  @Test(
    "whenever it dies, each process is one event with cause and last words, and the last one more",
    arguments: moments, means)
  func moment(_ moment: String, _ means: (String, PluginExit.Cause)) async throws {
    var policy = RestartPolicy()
    policy.firstDelay = .milliseconds(1)
    policy.longestDelay = .milliseconds(2)
    (policy.failedStartLimit, policy.crashLimit) = (3, 3)
    let workshop = try Workshop(policy: policy)
    try workshop.install(arguments: ["--crash", moment, means.0])
    try await workshop.supervisor.start()
    #expect(try await workshop.events.nextQuarantined().contains("\(means.1.words)"))
    var pids: Set<Int32> = []
    for _ in 1...3 {
      let exit = try await workshop.events.nextGone()
      #expect(exit.cause == means.1)
      #expect(exit.endedByHost == nil)
      #expect(exit.lastLines.last == "about to \(means.0)")
      pids.insert(exit.pid)
    }
    #expect(pids.count == 3)
    let more = workshop.events.pending.filter { event in
      switch event {
      case .gone, .quarantined: true
      default: false
      }
    }
    #expect(more.isEmpty)
    try await workshop.close()
  }
}

extension PluginExit.Cause {
  /// As an operator reads it.
  fileprivate var words: String {
    switch self {
    case .code(let code): "exited with code \(code)"
    case .signal(let signal): "ended by signal \(signal)"
    case .notStarted: "not started"
    }
  }
}
