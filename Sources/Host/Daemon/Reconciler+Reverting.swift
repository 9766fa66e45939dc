internal import Convergence
internal import Execution
internal import JSON
internal import Model

/// Tasks of revert plans that the host itself carries out: the touches say what was before.
extension Reconciler {
  /// What a revert's task asks for next: to take back the last of the changes that are left of the task
  /// that it undoes, and to wait until that is so; complete where none is left.
  ///
  /// Derived anew at each step, so that a restart goes on where the touches say.
  func undo(_ task: PlannedTask, _ plan: Plan) async -> TaskAnswer {
    guard let forward = plan.reverts, let undone = task.reverts else {
      preconditionFailure("only tasks of a revert plan are undone by the host")
    }
    var last: TouchOrder?
    var keys: [IntentKey] = []
    for key in plan.intents {
      guard let touch = await environment.intent(key)?.touch(of: forward),
        touch.order.task == Int64(undone.index), last.map({ touch.order >= $0 }) ?? true
      else { continue }
      if touch.order != last { keys = [] }
      last = touch.order
      keys.append(key)
    }
    guard !keys.isEmpty else { return .complete(outputs: .null) }
    let gate = Gate(clauses: keys.map { GateClause(intent: $0, test: .settled) })
    return .wait(Wish(undo: keys, gate: gate))
  }
}
