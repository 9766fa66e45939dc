import Convergence
import JSON
import SeededRandom
import Synchronization

@testable import Daemon
@testable import Model

/// A driver whose targets are a dictionary, and whose calls take a seeded number of turns.
final class ScriptedDriver: DriverPort {
  private struct State {
    var observed: [IntentKey: JSONValue] = [:]
    var applied: [IntentKey: Int] = [:]
    var isHeld = false
    var random: SplitMix64
  }

  private let state: Mutex<State>

  init(seed: UInt64) {
    state = Mutex(State(random: SplitMix64(seed: seed)))
  }

  /// What happens on the target, with nobody told of it yet.
  func becomeReady(_ key: IntentKey) {
    state.withLock { $0.observed[key] = ["ready": true] }
  }

  /// While it is, every removal is given up on.
  func setHeld(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

  func timesApplied(_ key: IntentKey) -> Int { state.withLock { $0.applied[key] ?? 0 } }

  func apply(_ intent: Intent) async -> DriverOutcome {
    await dawdle()
    let observed = state.withLock { state in
      state.applied[intent.key, default: 0] += 1
      let observed = state.observed[intent.key] ?? ["ready": false]
      state.observed[intent.key] = observed
      return observed
    }
    await dawdle()
    return .done(observed: observed)
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    await dawdle()
    return state.withLock { state in
      guard !state.isHeld else {
        return .failed(
          TaskError(reason: "Held", message: "somebody holds it"), isRecoverable: false)
      }
      state.observed[intent.key] = nil
      return .done(observed: .null)
    }
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    await dawdle()
    let found = state.withLock { state in
      intents.map { ($0.key, state.observed[$0.key]) }
    }
    await dawdle()
    return .found(
      Dictionary(
        uniqueKeysWithValues: found.map { key, observed in
          (key, (observed == nil ? .absent : .matches, observed: observed ?? .null))
        }))
  }

  func isReady(for key: IntentKey) -> Bool { true }

  func band(ofKind kind: String, on target: String) -> UInt32 { 1 }

  private func dawdle() async {
    let turns = state.withLock { Int.random(in: 0..<6, using: &$0.random) }
    for _ in 0..<turns { await Task.yield() }
  }
}
