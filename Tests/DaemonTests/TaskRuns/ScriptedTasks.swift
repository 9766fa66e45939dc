import Execution
import JSON
import Synchronization

@testable import Daemon
@testable import Model

/// A task type whose phases are what its params say, and which outlives every engine.
///
/// Params: {"phases": [{"name", "set": {"target/key": spec}, "remove": [], "release": [], "keys": [],
/// "references": [], "final": true, "fail": true}]}. A phase sets, removes and releases in its first step,
/// waits until that is so, and completes, with its "outputs", or fails in its second. A task of a
/// blueprint's plan is one such phase.
final class ScriptedTasks: TaskDispatcher {
  struct State {
    var isAway = false
    var executions = 0
  }

  private let state = Mutex(State())
  static let provider = TaskProvider(plugin: "scripted@1.0.0", digest: "d", revertMeans: .host)

  var executions: Int { state.withLock { $0.executions } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  func prospect(ofType type: String, range: String) -> TaskProspect {
    state.withLock { $0.isAway } ? .absent("nobody is there") : .provider(Self.provider)
  }

  func intentKinds(of task: PlannedTask) -> Set<String> { ["Thing"] }

  func expand(_ run: TaskRun, of resource: Resource) async -> TaskExpansion {
    if state.withLock({ $0.isAway }) { return .absent("nobody is there") }
    let phases = run.params["phases"]?.array ?? []
    return .phases(
      phases.map { phase in
        TaskPhase(
          name: phase["name"]?.string ?? "", isRevertible: true,
          exclusiveKeys: (phase["keys"]?.array ?? []).compactMap(\.string),
          isPointOfNoReturn: phase["final"]?.bool ?? false,
          adds: Self.things(phase["set"]).map(\.key))
      }, revertedBy: .host)
  }

  func execute(_ delivery: TaskDelivery) async -> (TaskAnswer, from: TaskProvider?) {
    guard !state.withLock({ $0.isAway }) else { return (.noPlugin(message: "away"), nil) }
    state.withLock { $0.executions += 1 }
    return (answer(delivery), Self.provider)
  }

  private func answer(_ delivery: TaskDelivery) -> TaskAnswer {
    let phases = delivery.params["phases"]?.array ?? []
    let isOfRun = delivery.task.phase != nil
    guard
      let phase = isOfRun
        ? phases.first(where: { $0["name"]?.string == delivery.task.phase?.name }) : delivery.params
    else { return .failed(Self.error("NoPhase"), isTransient: false, retryAfter: nil) }
    guard delivery.task.step > 1 else {
      let set = Self.things(phase["set"]).map { key, spec in
        IntentWrite(
          key: key, spec: spec, specVersion: 1,
          references: Self.names(phase["references"]))
      }
      let remove = Self.names(phase["remove"])
      let release = Self.names(phase["release"])
      let clauses =
        set.map { GateClause(intent: $0.key, test: .committed) }
        + remove.map { GateClause(intent: $0, test: .absent) }
        + release.map { GateClause(intent: $0, test: .settled) }
      return .wait(
        Wish(set: set, remove: remove, release: release, gate: Gate(clauses: clauses)))
    }
    if phase["fail"]?.bool ?? false {
      return .failed(Self.error("Scripted"), isTransient: false, retryAfter: nil)
    }
    return .complete(outputs: phase["outputs"] ?? .null)
  }

  func recover(_ delivery: TaskDelivery) async -> RecoveryAnswer {
    state.withLock { $0.isAway } ? .noPlugin(message: "away") : .notStarted
  }

  func cancel(_ delivery: TaskDelivery) async -> Bool { !state.withLock { $0.isAway } }

  func checked(_ answer: TaskAnswer, of delivery: TaskDelivery) -> TaskAnswer? { answer }

  func recoveryComplete(_ id: String) async -> Bool { true }

  func forget(_ taskIDs: [String], types: Set<String>) async {}

  static func error(_ reason: String) -> TaskError { TaskError(reason: reason, message: "as told") }

  /// "target/key" with what is to be there.
  static func things(_ value: JSONValue?) -> [(key: IntentKey, spec: JSONValue)] {
    (value?.object?.members ?? []).map { (thing($0.name), $0.value) }
  }

  static func names(_ value: JSONValue?) -> [IntentKey] {
    (value?.array ?? []).compactMap(\.string).map(thing)
  }

  static func thing(_ name: String) -> IntentKey {
    let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
    return IntentKey(target: parts[0], kind: "Thing", key: parts[1])
  }
}
