import Convergence
import JSON
import Synchronization

@testable import Daemon
@testable import Model

/// Targets that hold what they are told, and survive every engine; some refuse, are away, or are full.
final class FakeTargets: DriverPort {
  struct State {
    var held: [IntentKey: JSONValue] = [:]
    /// What was removed, in this order, by "target/key".
    var removed: [String] = []
    var away: Set<String> = []
    var capacity: UInt64?
  }

  private let state = Mutex(State())

  var held: [IntentKey: JSONValue] { state.withLock { $0.held } }

  var removed: [String] { state.withLock { $0.removed } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  func apply(_ intent: Intent) async -> DriverOutcome {
    state.withLock { state in
      if state.away.contains(intent.key.target) { return .unreachable("cut off") }
      if intent.spec == "refuse" {
        return .failed(
          TaskError(reason: "Refused", message: "not this one"), isRecoverable: false)
      }
      state.held[intent.key] = intent.spec
      return .done(observed: ["spec": intent.spec])
    }
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    state.withLock { state in
      if state.away.contains(intent.key.target) { return .unreachable("cut off") }
      if state.held.removeValue(forKey: intent.key) != nil {
        state.removed.append("\(intent.key.target)/\(intent.key.key)")
      }
      return .done(observed: .null)
    }
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    state.withLock { state in
      if state.away.contains(target) { return .unreachable("cut off") }
      var found: [IntentKey: (IntentAction.Finding, observed: JSONValue)] = [:]
      for intent in intents {
        let held = state.held[intent.key]
        found[intent.key] = (
          held == nil ? .absent : held == intent.spec ? .matches : .drifted,
          observed: held.map { ["spec": $0] } ?? .null
        )
      }
      return .found(found)
    }
  }

  func isReady(for key: IntentKey) -> Bool {
    state.withLock { !$0.away.contains(key.target) }
  }

  func band(ofKind kind: String, on target: String) -> UInt32 { 1 }

  func capacity(of target: String, kinds: Set<String>) async -> [RoomCheck.Place: RoomCheck
    .Capacity]
  {
    state.withLock { state in
      guard let capacity = state.capacity, !state.away.contains(target) else { return [:] }
      return Dictionary(
        uniqueKeysWithValues: kinds.map { kind in
          let used = state.held.keys.count { $0.target == target && $0.kind == kind }
          return (
            RoomCheck.Place(target: target, kind: kind),
            RoomCheck.Capacity(total: capacity, used: UInt64(used))
          )
        })
    }
  }
}

/// The targets as one host reaches them: a dead one reaches nothing any more.
struct HostTargets: DriverPort {
  let targets: FakeTargets
  let store: DyingStore

  func apply(_ intent: Intent) async -> DriverOutcome {
    store.isDead ? .unreachable("this host is dead") : await targets.apply(intent)
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    store.isDead ? .unreachable("this host is dead") : await targets.remove(intent)
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    await targets.verify(intents, on: target)
  }

  func isReady(for key: IntentKey) -> Bool { targets.isReady(for: key) }

  func band(ofKind kind: String, on target: String) -> UInt32 { 1 }

  func capacity(of target: String, kinds: Set<String>) async -> [RoomCheck.Place: RoomCheck
    .Capacity]
  { await targets.capacity(of: target, kinds: kinds) }
}
