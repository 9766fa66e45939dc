import Diagnostics
import Glibc
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC
import TestPlaces
import Testing

@testable import PluginSupervision

/// A plugin directory, a state directory and a supervisor on them, with the events it told.
final class Workshop: Sendable {
  let root: String
  let loop: EventLoop
  let supervisor: PluginSupervisor
  let events: EventQueue

  var directory: String { "\(root)/plugins" }
  var state: String { "\(root)/state" }

  /// - Parameter policy: quick by default, so that a crash loop takes milliseconds.
  init(
    policy: RestartPolicy? = nil, patience: PluginPatience = PluginPatience(), root: String? = nil
  ) throws {
    self.root = try root ?? Self.makeRoot()
    loop = try EventLoop.startThread("test")
    let events = EventQueue()
    self.events = events
    var quick = RestartPolicy()
    quick.firstDelay = .milliseconds(1)
    quick.longestDelay = .milliseconds(2)
    supervisor = PluginSupervisor(
      loop: loop, directory: "\(self.root)/plugins", stateDirectory: "\(self.root)/state",
      host: HostIdentity(instance: "test", epoch: 2, version: "0.0.0"), policy: policy ?? quick,
      patience: patience, log: .discarding
    ) { events.append($0) }
  }

  /// Short, because the paths of sockets are.
  static func makeRoot() throws -> String {
    let root = "/tmp/ms-\(Nonce.make().prefix(12))"
    try FileSystem.makeDirectories("\(root)/plugins")
    return root
  }

  /// Installs a plugin whose executable is the test program, or what `executable` says.
  func install(
    _ name: String = "tester", executable: String? = nil, arguments: [String] = [],
    more: String = ""
  ) throws {
    let list = arguments.map { "\"\($0)\"" }.joined(separator: ", ")
    try write(
      name,
      """
      name: \(name)
      version: 1.0.0
      executable: \(executable ?? Self.program)
      arguments: [\(list)]
      \(more)
      """)
  }

  /// Installs a version that offers `test.do` of the same version.
  ///
  /// - Parameter folder: `tester`, or `tester@` and the version.
  func install(version: String, in folder: String, more: String = "") throws {
    try write(
      folder,
      """
      name: tester
      version: \(version)
      executable: \(Self.program)
      arguments: ["--version", "\(version)", "--no-driver"]
      \(more)
      """)
  }

  func write(_ name: String, _ text: String) throws {
    try FileSystem.makeDirectories("\(directory)/\(name)")
    try AtomicFile.write(Array(text.utf8), to: "\(directory)/\(name)/plugin.yaml")
  }

  /// Who takes a new task of this type.
  func provider(of type: String, range: String = "") -> PluginHandle? {
    guard case .ready(let handle) = supervisor.provider(ofType: type, range: range) else {
      return nil
    }
    return handle
  }

  /// Ends everything and removes the files.
  func close() async throws {
    await supervisor.shutdown(grace: .seconds(5))
    loop.stop()
    try FileSystem.removeTree(root)
  }

  /// The test program, which is built beside the tests.
  static var program: String { built("supervision-test-program") }

  /// A program of this package.
  static func built(_ name: String) -> String { "\(BuiltProducts.directory)/\(name)" }

}

/// The events of a supervisor, to be awaited by kind: those of other kinds stay for later.
final class EventQueue: Sendable {
  private struct State {
    var events: [PluginEvent] = []
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func append(_ event: PluginEvent) {
    state.withLock { $0.events.append(event) }
    wake()
  }

  /// The first event of a kind.
  ///
  /// - Cancellation: by the test's time limit, throws.
  func next<Value: Sendable>(_ pick: (PluginEvent) -> Value?) async throws -> Value {
    while true {
      try Task.checkCancellation()
      let (value, count): (Value?, Int) = state.withLock { state in
        for (index, event) in state.events.enumerated() {
          guard let value = pick(event) else { continue }
          state.events.remove(at: index)
          return (value, 0)
        }
        return (nil, state.events.count)
      }
      if let value { return value }
      await moreEvents(than: count)
    }
  }

  /// Returns when there may be another event, or the task is cancelled.
  private func moreEvents(than count: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          guard state.events.count == count, !Task.isCancelled else { return false }
          state.waiter = continuation
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
  }

  private func wake() {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  /// - Parameter name: nil = of any plugin.
  func nextReady(_ name: String? = nil) async throws -> PluginHandle {
    try await next {
      if case .ready(let handle) = $0, name == nil || name == handle.name { handle } else { nil }
    }
  }

  func nextServing() async throws -> String {
    try await next { if case .serves(_, let version, _) = $0 { version } else { nil } }
  }

  func nextRefusedChange() async throws -> String {
    try await next { if case .changeRefused(_, let reason) = $0 { reason } else { nil } }
  }

  func nextGone(_ name: String? = nil) async throws -> PluginExit {
    try await next {
      if case .gone(let gone, let exit) = $0, name == nil || name == gone { exit } else { nil }
    }
  }

  func nextQuarantined() async throws -> String {
    try await next { if case .quarantined(_, let reason) = $0 { reason } else { nil } }
  }

  /// What came and was not asked for yet.
  var pending: [PluginEvent] { state.withLock { $0.events } }
}

extension PluginHandle {
  /// Has the test program carry out a task whose params say what to do.
  func execute(
    _ params: String, timeout: Duration = .seconds(60)
  ) async throws(RPCError) -> String {
    let reply = try await call(
      PluginV1.Tasks.execute, PluginV1.ExecuteRequest(params: Array(params.utf8)), timeout: timeout)
    guard case .complete(let complete) = reply.outcome else { return "" }
    return String(decoding: complete.outputs, as: UTF8.self)
  }
}

/// A process of any parent's, to be waited for.
enum ProcessWait {
  /// Returns once no process of this identity runs.
  static func ended(_ identity: ProcessIdentity, on loop: EventLoop) async throws {
    guard let handle = try PIDFD.open(identity) else { return }
    try await loop.waitReadable(handle.descriptor.number)
  }
}
