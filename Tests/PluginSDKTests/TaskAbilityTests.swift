import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSDK

/// What task types and drivers offer by conforming to more, over a real socket.
@Suite struct TaskAbilityTests {
  private let recorder = Recorder()

  private func withPlugin(
    journal: [JournalRecord] = [], driver: (any Driver)? = nil,
    _ body: (PluginHarness) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      if !journal.isEmpty { try AtomicFile.write(frames(journal), to: directory + "/journal") }
      let plugin = try PluginHarness(tasks: [Ledger(recorder: recorder)], driver: driver)
      try await plugin.start(directory)
      do { try await body(plugin) } catch {
        await plugin.stop()
        throw error
      }
      await plugin.stop()
    }
  }

  private func request(_ amount: Int, id: String, dryRun: Bool = false) -> PluginV1.ExecuteRequest {
    PluginV1.ExecuteRequest(
      taskID: id, attempt: 1, step: 1, type: "ledger",
      params: Array(#"{"amount":\#(amount)}"#.utf8),
      dryRun: dryRun)
  }

  private func recovery(_ id: String) -> PluginV1.RecoverRequest {
    PluginV1.RecoverRequest(
      taskID: id, attempt: 1, step: 1, type: "ledger", params: Array(#"{"amount":7}"#.utf8),
      revert: true)
  }

  @Test("Describe names each ability that a type has")
  func described() async throws {
    try await withPlugin { plugin in
      let reply = try await plugin.client.call(PluginV1.Plugin.describe, .init())
      #expect(reply.taskTypes[0].capabilities == ["cancel", "dryRun", "revert", "expand"])
    }
  }

  @Test("a revert runs once under its own id, is replayed, and is told apart by Recover")
  func reverted() async throws {
    try await withPlugin { plugin in
      let client = plugin.client
      _ = try await client.call(PluginV1.Tasks.execute, request(7, id: "t"))
      for _ in 1...2 {
        let reply = try await client.call(PluginV1.Tasks.revert, request(7, id: "r"))
        #expect(reply.outcome == .complete(.init(outputs: Array(#"{"balance":0}"#.utf8))))
      }
      #expect(try await client.call(PluginV1.Tasks.recover, recovery("r")).state == .finished)
      #expect(try await client.call(PluginV1.Tasks.recover, recovery("x")).state == .notStarted)
    }
    #expect(recorder.all == ["execute 7", "revert 7"])
  }

  @Test("a revert that an earlier process began is for the type to judge, as a revert")
  func recovered() async throws {
    let key = StepKey(taskID: "r", attempt: 1, step: 1)
    try await withPlugin(journal: [.begun(key)]) { plugin in
      let reply = try await plugin.client.call(PluginV1.Tasks.recover, recovery("r"))
      #expect(reply.state == .unknown)
    }
    #expect(recorder.all == ["recover revert 7"])
  }

  @Test("a dry run says what would be done, or why it would fail, and leaves nothing behind")
  func previewed() async throws {
    try await withPlugin { plugin in
      let client = plugin.client
      let reply = try await client.call(PluginV1.Tasks.execute, request(7, id: "t", dryRun: true))
      #expect(reply.outcome == .complete(.init(preview: "adds 7")))
      let bad = try await client.call(PluginV1.Tasks.execute, request(-1, id: "t", dryRun: true))
      #expect(bad == .failed(.terminal("Overdrawn", "-1 is less than nothing")))
      _ = try await client.call(PluginV1.Tasks.execute, request(7, id: "t"))
    }
    #expect(recorder.all == ["execute 7"])
  }

  @Test("a task expands into phases, or says why it can't")
  func expanded() async throws {
    try await withPlugin { plugin async throws in
      let resource = PluginV1.ResourceRef(kind: "Account", name: "mine")
      func expand(_ amount: Int) async throws -> [PluginV1.TaskPhase] {
        try await plugin.client.call(
          PluginV1.Tasks.expand,
          .init(
            type: "ledger", params: Array(#"{"amount":\#(amount)}"#.utf8), resource: resource)
        ).phases
      }
      #expect(
        try await expand(7) == [
          .init(name: "reserve", revertible: true, exclusiveKeys: ["account/mine"]),
          .init(name: "book"),
        ])
      #expect(await reason { try await expand(-1) } == "INVALID_ARGUMENT Overdrawn")
    }
    #expect(recorder.all.isEmpty)
  }

  @Test("a driver tells the capacity of its targets; one without says that it doesn't offer it")
  func capacity() async throws {
    try await withPlugin(driver: Shelf()) { plugin in
      let client = plugin.client
      let reply = try await client.call(PluginV1.Drivers.capacity, .init(target: "shelf"))
      #expect(reply.kinds == [.init(kind: "Box", total: 10, used: 3)])
      #expect(
        await reason { try await client.call(PluginV1.Drivers.capacity, .init(target: "floor")) }
          == "NOT_FOUND UnknownTarget")
      #expect(
        await reason { try await client.call(PluginV1.Drivers.capacity, .init(target: "dark")) }
          == "UNAVAILABLE NoLight")
    }
    try await withPlugin(driver: Plain()) { plugin in
      #expect(
        await reason {
          try await plugin.client.call(PluginV1.Drivers.capacity, .init(target: "shelf"))
        } == "UNIMPLEMENTED NotOffered")
    }
  }
}

/// Adds to a balance.
private struct Ledger: RevertibleTask, PreviewableTask, ExpandableTask {
  struct Params: Codable { var amount: Int }
  struct Outputs: Codable { var balance: Int }
  static let name = "ledger"
  static let version = "1.0.0"
  let recorder: Recorder

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    recorder.record("execute \(params.amount)")
    return .complete(Outputs(balance: params.amount))
  }

  func revert(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    recorder.record("revert \(params.amount)")
    return .complete(Outputs(balance: 0))
  }

  func recoverRevert(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs> {
    recorder.record("recover revert \(params.amount)")
    return .unknown
  }

  func preview(_ params: Params, _ context: TaskContext) async throws -> String {
    try check(params)
    return "adds \(params.amount)"
  }

  func expand(_ params: Params, _ resource: ResourceReference) async throws -> [TaskPhase] {
    try check(params)
    return [
      TaskPhase("reserve", isRevertible: true, exclusiveKeys: ["account/\(resource.name)"]),
      TaskPhase("book"),
    ]
  }

  private func check(_ params: Params) throws {
    if params.amount < 0 {
      throw TaskFailure.terminal("Overdrawn", "\(params.amount) is less than nothing")
    }
  }
}

/// A driver that does nothing but be there.
private struct Plain: Driver {
  let kinds = [IntentKindDescription("Box", band: 1)]
  func start(_ context: DriverContext) async throws {}
  func targets() async -> [TargetState] { [TargetState("shelf"), TargetState("dark")] }
  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue { [:] }
  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue { [:] }
  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification] {
    []
  }
}

/// The same, with room for so much.
private struct Shelf: CapacityDriver {
  private let plain = Plain()
  var kinds: [IntentKindDescription] { plain.kinds }
  func start(_ context: DriverContext) async throws {}
  func targets() async -> [TargetState] { await plain.targets() }
  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue { [:] }
  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue { [:] }
  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification] {
    []
  }

  func capacity(of target: String) async throws(DriverFailure) -> [KindCapacity] {
    if target == "dark" { throw .recoverable("NoLight", "can't see how much is there") }
    return [KindCapacity("Box", total: 10, used: 3)]
  }
}
