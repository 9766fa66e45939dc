import JSON
import PluginProto
import Synchronization
import TTRPC
import Testing

@testable import PluginSDK

@Suite struct DriverServiceTests {
  private let driver = MemoryDriver()

  private func withPlugin(_ body: (PluginHarness) async throws -> Void) async throws {
    try await withDirectory { directory in
      let plugin = try PluginHarness(driver: driver)
      try await plugin.start(directory, config: ["root": "/x"])
      do { try await body(plugin) } catch {
        await plugin.stop()
        throw error
      }
      await plugin.stop()
    }
  }

  private func intent(
    _ key: String, _ spec: JSONValue = ["size": 1], kind: String = "Box", target: String = "near"
  ) -> PluginV1.Intent {
    PluginV1.Intent(
      id: .init(target: target, kind: kind, key: key), spec: spec.serialized(), generation: 3)
  }

  @Test("an intent is applied, verified and removed")
  func converges() async throws {
    try await withPlugin { plugin in
      let client = plugin.client
      let applied = try await client.call(PluginV1.Drivers.apply, .init(intent: intent("a")))
      #expect(applied == .init(result: .done, observed: Array(#"{"size":1}"#.utf8)))
      let verified = try await client.call(
        PluginV1.Drivers.verify,
        .init(target: "near", intents: [intent("a"), intent("a", ["size": 2]), intent("b")]))
      #expect(verified.target == .init(name: "near", reachable: true))
      #expect(verified.verifications.map(\.presence) == [.matches, .drifted, .absent])
      #expect(verified.verifications[2] == .init(id: intent("b").id, presence: .absent))
      let removed = try await client.call(PluginV1.Drivers.remove, .init(intent: intent("a")))
      #expect(removed.result == .done)
      #expect(driver.log == ["start /x", "apply a generation 3", "remove a"])
    }
  }

  @Test("a failure says whether it is worth trying again")
  func failures() async throws {
    try await withPlugin { plugin in
      let client = plugin.client
      let full = try await client.call(PluginV1.Drivers.apply, .init(intent: intent("full")))
      #expect(full == .init(result: .failedRecoverable, reason: "Full", message: "no room"))
      let owned = try await client.call(PluginV1.Drivers.apply, .init(intent: intent("owned")))
      #expect(owned == .init(result: .failedFinal, reason: "OwnedByAnother", message: "not ours"))
    }
  }

  @Test("what is not the driver's is refused")
  func refusals() async throws {
    try await withPlugin { plugin in
      let client = plugin.client
      #expect(
        await reason { try await client.call(PluginV1.Drivers.apply, .init()) }
          == "INVALID_ARGUMENT MissingField")
      #expect(
        await reason {
          try await client.call(PluginV1.Drivers.apply, .init(intent: intent("a", kind: "Bag")))
        } == "INVALID_ARGUMENT UnknownIntentKind")
      var broken = intent("a")
      broken.spec = [0x7B]
      #expect(
        await reason { try await client.call(PluginV1.Drivers.apply, .init(intent: broken)) }
          == "INVALID_ARGUMENT InvalidJSON")
      #expect(
        await reason { try await client.call(PluginV1.Drivers.verify, .init(target: "none")) }
          == "NOT_FOUND UnknownTarget")
      #expect(
        await reason { try await client.call(PluginV1.Drivers.capacity, .init()) }
          == "UNIMPLEMENTED NotOffered")
    }
  }

  @Test("targets are listed, and one out of reach is not verified")
  func targets() async throws {
    try await withPlugin { plugin in
      let client = plugin.client
      let targets = try await client.call(PluginV1.Drivers.targets, .init()).targets
      #expect(targets.map(\.name) == ["near", "far"])
      let reply = try await client.call(
        PluginV1.Drivers.verify, .init(target: "far", intents: [intent("a", target: "far")]))
      #expect(reply.target == .init(name: "far", reachable: false, message: "unplugged"))
      #expect(reply.verifications.isEmpty)
    }
  }

  @Test("a change that the driver pushes ends the host's poll")
  func pushes() async throws {
    try await withPlugin { plugin in
      async let poll = plugin.updates()
      let updates = try #require(driver.updates)
      updates.changed([IntentKey("Box", "a", target: "near")], on: "near")
      let change = PluginV1.TargetChange(
        target: .init(name: "near", reachable: true),
        changed: [.init(target: "near", kind: "Box", key: "a")])
      let reply = try await poll
      #expect(reply.targets == [change])
      updates.changed([], on: "near")
      updates.reachability(TargetState("far", isReachable: false, message: "unplugged"))
      #expect(
        try await plugin.updates(after: reply.cursor).targets == [
          .init(target: .init(name: "far", reachable: false, message: "unplugged"))
        ])
    }
  }

  @Test("a driver that refuses its configuration is not served, and may be configured anew")
  func refusedConfiguration() async throws {
    try await withDirectory { directory in
      let plugin = try PluginHarness(tasks: [Scripted(recorder: Recorder())], driver: driver)
      #expect(
        await reason { try await plugin.start(directory) }
          == "FAILED_PRECONDITION ConfigurationRefused")
      #expect(
        await reason { try await plugin.client.call(PluginV1.Drivers.targets, .init()) }
          == "FAILED_PRECONDITION NotConfigured")
      try await plugin.start(directory, config: ["root": "/y"])
      #expect(driver.log == ["start /y"])
      await plugin.stop()
    }
  }
}

/// A driver that keeps boxes in memory.
private final class MemoryDriver: Driver {
  private struct State {
    var boxes: [String: JSONValue] = [:]
    var log: [String] = []
    var updates: DriverUpdates?
  }

  private let state = Mutex(State())

  let kinds = [IntentKindDescription("Box", band: 10)]

  var log: [String] { state.withLock { $0.log } }
  var updates: DriverUpdates? { state.withLock { $0.updates } }

  func start(_ context: DriverContext) async throws {
    guard let root = context.config["root"]?.string else {
      throw DriverFailure.final("NoRoot", "config.root is missing")
    }
    state.withLock { state in
      state.log.append("start \(root)")
      state.updates = context.updates
    }
  }

  func targets() async -> [TargetState] {
    [TargetState("near"), TargetState("far", isReachable: false, message: "unplugged")]
  }

  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    switch intent.key.key {
    case "full": throw .recoverable("Full", "no room")
    case "owned": throw .final("OwnedByAnother", "not ours")
    default: break
    }
    state.withLock { state in
      state.log.append("apply \(intent.key.key) generation \(intent.generation)")
      state.boxes[intent.key.key] = intent.spec
    }
    return intent.spec
  }

  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    state.withLock { state in
      state.log.append("remove \(intent.key.key)")
      state.boxes[intent.key.key] = nil
    }
    return [:]
  }

  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification] {
    state.withLock { state in
      intents.map { intent in
        guard let box = state.boxes[intent.key.key] else { return Verification(.absent) }
        return Verification(box == intent.spec ? .matches : .drifted, observed: box)
      }
    }
  }
}
