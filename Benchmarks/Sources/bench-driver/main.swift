import JSON
import PluginSDK
import Synchronization

/// Keeps items in memory, and says what it keeps.
final class ItemDriver: Driver {
  private let items = Mutex<[IntentKey: JSONValue]>([:])

  let kinds = [IntentKindDescription("BenchItem", band: 10)]

  func start(_ context: DriverContext) async throws {}

  func targets() async -> [TargetState] { [TargetState("bench")] }

  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    items.withLock { $0[intent.key] = intent.spec }
    return intent.spec
  }

  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    items.withLock { $0[intent.key] = nil }
    return [:]
  }

  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification] {
    items.withLock { items in
      intents.map { intent in
        switch items[intent.key] {
        case nil: Verification(.absent)
        case intent.spec: Verification(.matches, observed: intent.spec)
        case let other: Verification(.drifted, observed: other)
        }
      }
    }
  }
}

Plugin(name: "bench-driver", version: "1.0.0", driver: ItemDriver()).run()
