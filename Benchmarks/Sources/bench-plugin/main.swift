import JSON
import LinuxSystem
import PluginSDK
import Synchronization

struct ItemParams: Codable { var key: String, revision: Int }
struct ItemOutputs: Codable { var revision: Int }
struct ProbeOutputs: Codable { var revision: Int, microseconds: Int64 }

/// Complete at once.
struct StepTask: IntentTask {
  static let name = "bench-step"
  static let version = "1.0.0"
  static let intentKinds: [String] = []
  func execute(_ params: ItemParams, _ context: TaskContext) async throws
    -> TaskOutcome<ItemOutputs>
  { .complete(ItemOutputs(revision: params.revision)) }
}

/// Sets one intent, and is complete once the driver has committed and verified it.
struct SetTask: IntentTask {
  static let name = "bench-set"
  static let version = "1.0.0"
  static let intentKinds = ["BenchItem"]
  func execute(_ params: ItemParams, _ context: TaskContext) async throws
    -> TaskOutcome<ItemOutputs>
  {
    if context.step > 0 { return .complete(ItemOutputs(revision: params.revision)) }
    let item = IntentKey("BenchItem", params.key)
    let spec: JSONValue = ["revision": .integer(Int64(params.revision))]
    return .wait(Wait(set: [IntentWrite(item, spec: spec)], until: .committed(item)))
  }
}

/// When tasks of this process ended, by resource: what a probe counts from.
enum PushMoments {
  private static let moments = Mutex<[String: MonotonicTime]>([:])

  static func set(_ resource: String) { moments.withLock { $0[resource] = .now() } }

  static func take(_ resource: String) -> MonotonicTime? {
    moments.withLock { $0.removeValue(forKey: resource) }
  }
}

/// Answers that it goes on, and ends a little later: the host learns it by push.
struct PushTask: ExternalTask {
  static let name = "bench-push"
  static let version = "1.0.0"
  static let isIdempotent = true
  func execute(_ params: ItemParams, _ context: TaskContext) async throws
    -> TaskOutcome<ItemOutputs>
  {
    .running {
      try await context.sleep(.milliseconds(20))
      PushMoments.set(context.resource.name)
      return .complete(ItemOutputs(revision: params.revision))
    }
  }
}

/// Tells how long ago the task before it ended; in the same process, so by the same clock.
struct ProbeTask: IntentTask {
  static let name = "bench-probe"
  static let version = "1.0.0"
  static let intentKinds: [String] = []
  func execute(_ params: ItemParams, _ context: TaskContext) async throws
    -> TaskOutcome<ProbeOutputs>
  {
    guard let moment = PushMoments.take(context.resource.name) else {
      throw TaskFailure.terminal("NoMoment", "no task of this resource ended in this process")
    }
    let nanoseconds = MonotonicTime.now().duration(since: moment).wholeNanoseconds
    return .complete(
      ProbeOutputs(revision: params.revision, microseconds: Int64(nanoseconds / 1000)))
  }
}

Plugin(
  name: "bench-plugin", version: "1.0.0",
  tasks: [StepTask(), SetTask(), PushTask(), ProbeTask()]
).run()
