import JSON

@testable import Execution
@testable import Model

let start = Timestamp(milliseconds: 1_000_000)

let volume = IntentKey(target: "local", kind: "Volume", key: "default/one")

let setVolume = IntentWrite(key: volume, spec: ["size": 1], specVersion: 1)

let volumeGate = Gate(clauses: [GateClause(intent: volume, test: .committed)])

let broken = TaskError(reason: "Broken", message: "it is broken")

/// A task with a timeout of 60 s.
func task(
  _ name: String, params: JSONValue = [:], outputs: [(name: String, value: String)] = [],
  maxRetries: Int64 = 0
) -> PlannedTask {
  PlannedTask(
    id: "id-\(name)", name: name, type: "type-\(name)", params: params, outputPaths: outputs,
    maxRetries: maxRetries, timeout: .seconds(60))
}

/// The status of a resource with an Active plan over these tasks.
func status(
  _ tasks: [PlannedTask], targetPhase: String = "Running", failedPhase: String = ""
) -> ResourceStatus {
  var status = ResourceStatus()
  status.phase = "Initializing"
  status.plan = Plan(
    id: "plan", name: "init", generation: 3, target: "local", targetPhase: targetPhase,
    failedPhase: failedPhase, condition: nil, tasks: tasks, startedAt: start)
  return status
}

/// A machine over one task, changed as the caller likes; certain unless said otherwise.
func machine(
  maxRetries: Int64 = 0, isCertain: Bool = true, _ change: (inout PlannedTask) -> Void = { _ in }
) -> PlanExecutor {
  var only = task("only", maxRetries: maxRetries)
  change(&only)
  return PlanExecutor(status: status([only]), isCertain: isCertain)
}

/// As a task is after its first delivery.
func submitted(_ task: inout PlannedTask) {
  task.submittedAt = start
  task.deadline = start + task.timeout
}

/// As a task is whose delivery's outcome was lost.
func unknown(_ task: inout PlannedTask) {
  submitted(&task)
  task.outcomeUnknown = true
}

/// As a task is that a plugin works on.
func running(_ task: inout PlannedTask) {
  submitted(&task)
  task.state = .running
}

/// As a task is whose Wait is stored.
func waiting(_ task: inout PlannedTask) {
  submitted(&task)
  task.state = .waiting
  task.wait = PendingWait(Wish(set: [setVolume], remove: [], gate: volumeGate), since: start)
}

func failure(
  _ code: CallFailure.Code, mayHaveBeenReceived: Bool = true, isAnswer: Bool = true
) -> CallFailure {
  CallFailure(
    code: code, reason: "Code", message: "\(code)", mayHaveBeenReceived: mayHaveBeenReceived,
    isAnswer: isAnswer)
}

extension PlanExecutor {
  /// The one task of most tests.
  var only: PlannedTask { plan.tasks[0] }
}
