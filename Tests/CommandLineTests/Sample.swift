import JSON
import Model

/// Resources at the stations of their way.
enum Sample {
  /// 2026-01-31T12:00:00Z.
  static let start: Int64 = 1_769_860_800_000

  static func moment(_ seconds: Double) -> Timestamp {
    Timestamp(milliseconds: start + Int64(seconds * 1000))
  }

  static func resource(
    _ name: String = "redis", phase: String = "", generation: Int64 = 1, observed: Int64 = 0,
    plan: Plan? = nil
  ) -> Resource {
    var metadata = ObjectMeta(name: name, uid: "uid-\(name)", generation: generation)
    metadata.creationTimestamp = moment(-60)
    var resource = Resource(
      apiVersion: "mortise.dev/v1", kind: "StatefulNode", metadata: metadata,
      spec: ["image": "redis:7.0"])
    resource.status.phase = phase
    resource.status.observedGeneration = observed
    resource.status.plan = plan
    return resource
  }

  /// Three tasks, of which the first `complete` are done, a second each.
  static func plan(
    complete: Int = 0, phase: PlanPhase = .active, generation: Int64 = 1,
    _ change: (inout [PlannedTask]) -> Void = { _ in }
  ) -> Plan {
    var tasks = ["ensure-data-pvc", "apply-statefulset", "mark-ready"].map { type in
      PlannedTask(
        id: "task-\(type)", name: type, type: type, params: .null, timeout: .seconds(60))
    }
    for index in 0..<complete {
      tasks[index].state = .complete
      tasks[index].plugin = "workload@1.0.0"
      tasks[index].submittedAt = moment(Double(index))
      tasks[index].endedAt = moment(Double(index) + 1)
    }
    change(&tasks)
    var plan = Plan(
      id: "plan-1", name: "init", generation: generation, target: "local", targetPhase: "Running",
      failedPhase: "", condition: nil, tasks: tasks, startedAt: moment(0))
    plan.phase = phase
    if phase.isTerminal { plan.endedAt = moment(Double(complete)) }
    return plan
  }

  static func failedPlan() -> Plan {
    var plan = plan(complete: 1, phase: .failed) { tasks in
      tasks[1].state = .failed
      tasks[1].submittedAt = moment(1)
      tasks[1].endedAt = moment(3)
      tasks[1].error = TaskError(reason: "ImageUnknown", message: "no image redis:9")
    }
    plan.failedTaskIndex = 1
    plan.failedTaskDetail = "apply-statefulset: ImageUnknown: no image redis:9"
    return plan
  }

  static func record(_ phase: PlanPhase, id: String = "plan-1", detail: String = "") -> PlanRecord {
    PlanRecord(
      id: id, name: "init", phase: phase, generation: 1, startedAt: moment(0), endedAt: moment(3),
      detail: detail)
  }
}
