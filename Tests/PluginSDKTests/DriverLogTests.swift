import JSON
import PluginProto
import Synchronization
import TTRPC
import Testing

@testable import PluginSDK

@Suite("A driver's logs are read by long polls")
struct DriverLogTests {
  private func withPlugin(
    _ driver: any Driver, _ body: (PluginHarness) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      let plugin = try PluginHarness(driver: driver)
      try await plugin.start(directory)
      do { try await body(plugin) } catch {
        await plugin.stop()
        throw error
      }
      await plugin.stop()
    }
  }

  private func request(_ process: String, kind: String = "Pod") -> PluginV1.ReadLogRequest {
    PluginV1.ReadLogRequest(
      id: .init(target: "near", kind: kind, key: "a"), process: process, offset: 3, waitMS: 7,
      sinceUnixMS: 9)
  }

  @Test("names, text and position go both ways; what is not the driver's is refused")
  func reads() async throws {
    try await withPlugin(TalkingDriver()) { plugin in
      let client = plugin.client
      let names = try await client.call(PluginV1.Drivers.readLog, request(""))
      #expect(names == .init(nextOffset: 3, processes: ["p/one", "p/hang", "p/long", "p/broken"]))
      let reply = try await client.call(PluginV1.Drivers.readLog, request("p/one"))
      #expect(reply.text == Array("3 9 7".utf8))
      #expect(reply.nextOffset == 8)
      #expect(reply.skipped)
      func reason(_ request: PluginV1.ReadLogRequest) async -> String {
        do throws(RPCError) {
          _ = try await client.call(PluginV1.Drivers.readLog, request)
          return "none"
        } catch {
          return "\(error.code) \(error.reason)"
        }
      }
      #expect(await reason(request("p/two")) == "notFound UnknownProcess")
      #expect(await reason(request("", kind: "Bag")) == "invalidArgument UnknownIntentKind")
      #expect(await reason(request("p/long")) == "internal InvalidPassage")
      #expect(await reason(request("p/broken")) == "unavailable Busy")
    }
  }

  @Test("a poll that waits does not hold up a plugin that drains")
  func drains() async throws {
    let driver = TalkingDriver()
    try await withPlugin(driver) { plugin in
      async let poll = plugin.client.call(PluginV1.Drivers.readLog, request("p/hang"))
      await driver.hangs.value()
      _ = try await plugin.client.call(PluginV1.Plugin.shutdown, .init(graceMS: 60_000))
      do {
        _ = try await poll
        Issue.record("it is answered")
      } catch let error as RPCError {
        #expect(error.code == .unavailable)
      }
    }
  }
}

/// Says what it was asked.
private final class TalkingDriver: LogDriver {
  /// Fulfilled when a poll waits.
  struct Signal: Sendable {
    private let promise = Promise<Void>()

    func fulfill() { promise.fulfill(()) }

    func value() async { try? await promise.value() }
  }

  let hangs = Signal()
  let kinds = [IntentKindDescription("Pod", band: 1)]

  func start(_ context: DriverContext) async throws {}
  func targets() async -> [TargetState] { [TargetState("near")] }
  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue { [:] }
  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue { [:] }

  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification] {
    intents.map { _ in Verification(.absent) }
  }

  func loggedProcesses(of intent: IntentKey) async throws(DriverFailure) -> [String] {
    ["p/one", "p/hang", "p/long", "p/broken"]
  }

  func readLog(_ query: LogQuery) async throws(DriverFailure) -> LogPassage {
    switch query.process {
    case "p/hang":
      hangs.fulfill()
      let never = AsyncStream<Void> { _ in }
      for await _ in never {}
      return LogPassage(text: [], nextOffset: 0)
    case "p/long":
      return LogPassage(text: Array(repeating: 0, count: LogPassage.bytesMax + 1), nextOffset: 0)
    case "p/broken":
      throw .recoverable("Busy", "try again")
    default:
      let wait = Int64(query.wait / .milliseconds(1))
      return LogPassage(
        text: Array("\(query.offset) \(query.sinceUnixMS) \(wait)".utf8), nextOffset: 8,
        isBehindGap: true)
    }
  }
}
