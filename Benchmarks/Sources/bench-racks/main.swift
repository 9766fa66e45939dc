import JSON
import PluginSDK
import Synchronization

struct FillParams: Codable { var rack: String, revision: Int }
struct FillOutputs: Codable { var revision: Int }

/// Sets ten intents on its rack, and is complete once all of them are committed.
struct FillTask: IntentTask {
  static let name = "bench-fill"
  static let version = "1.0.0"
  static let intentKinds = ["BenchSlot"]

  func execute(_ params: FillParams, _ context: TaskContext) async throws
    -> TaskOutcome<FillOutputs>
  {
    if context.step > 0 { return .complete(FillOutputs(revision: params.revision)) }
    let slots = (0..<10).map { IntentKey("BenchSlot", "slot-\($0)", target: params.rack) }
    let spec: JSONValue = ["revision": .integer(Int64(params.revision))]
    return .wait(
      Wait(
        set: slots.map { IntentWrite($0, spec: spec) },
        until: Gate(slots.map { Gate.Clause($0, .committed) })))
  }
}

/// A thousand racks, each a target of its own, in memory.
final class RackDriver: Driver {
  private let slots = Mutex<[IntentKey: JSONValue]>([:])

  let kinds = [IntentKindDescription("BenchSlot", band: 10)]

  func start(_ context: DriverContext) async throws {}

  func targets() async -> [TargetState] { (0..<1000).map { TargetState("rack-\($0)") } }

  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    slots.withLock { $0[intent.key] = intent.spec }
    return intent.spec
  }

  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    slots.withLock { $0[intent.key] = nil }
    return [:]
  }

  func verify(target: String, _ intents: [Intent]) async throws(DriverFailure) -> [Verification] {
    slots.withLock { slots in
      intents.map { intent in
        switch slots[intent.key] {
        case nil: Verification(.absent)
        case intent.spec: Verification(.matches, observed: intent.spec)
        case let other: Verification(.drifted, observed: other)
        }
      }
    }
  }
}

Plugin(name: "bench-racks", version: "1.0.0", tasks: [FillTask()], driver: RackDriver()).run()
