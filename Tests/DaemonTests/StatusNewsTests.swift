import JSON
import Model
import Testing

@testable import Daemon

private let now = Timestamp(milliseconds: 5000)

/// A change of a status whose plan is Active, and what is told of it.
struct NewsRow: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var before: @Sendable (inout ResourceStatus) -> Void
  var after: @Sendable (inout ResourceStatus) -> Void
  var told: [String]

  init(
    _ what: String, before: @escaping @Sendable (inout ResourceStatus) -> Void = { _ in },
    _ after: @escaping @Sendable (inout ResourceStatus) -> Void, _ told: [String]
  ) {
    testDescription = what
    self.before = before
    self.after = after
    self.told = told
  }
}

@Suite("What a flush changed, as news")
struct StatusNewsTests {
  @Test(
    "each kind of news",
    arguments: [
      NewsRow("nothing changed", { _ in }, []),
      NewsRow(
        "progress is no news",
        { $0.plan?.tasks[0].progress = TaskProgress(message: "x", percent: 1) },
        []),
      NewsRow(
        "a plan began", before: { $0.plan = nil }, { _ in },
        ["Normal PlanStarted grow/: grow on local"]),
      NewsRow("it ended", { $0.plan?.phase = .complete }, ["Normal PlanComplete grow/: "]),
      NewsRow(
        "it was cancelled", { $0.plan?.phase = .cancelled },
        ["Normal PlanCancelled grow/: "]),
      NewsRow(
        "it failed",
        { status in
          status.plan?.phase = .failed
          status.plan?.failedTaskIndex = 0
          status.plan?.failedTaskDetail = "grow: NoRoom: it is full"
          status.plan?.tasks[0].state = .failed
          status.phase = "Failed"
        },
        [
          "Warning PlanFailed grow/grow: grow: NoRoom: it is full",
          "Normal PhaseChanged /: Growing → Failed",
        ]),
      NewsRow(
        "it was cleared", { $0.plan = nil }, []),
      NewsRow(
        "a task is tried again",
        { status in
          status.plan?.tasks[0].attempt = 2
          status.plan?.tasks[0].error = TaskError(reason: "Slow", message: "too slow")
        }, ["Warning TaskRetried grow/grow: Slow: too slow"]),
      NewsRow(
        "a delivery was not accepted",
        { status in
          status.plan?.tasks[0].refusals = 1
          status.plan?.tasks[0].error = TaskError(reason: "Busy", message: "later")
        }, ["Warning TaskRefused grow/grow: Busy: later"]),
      NewsRow(
        "an outcome was lost",
        { status in
          status.plan?.tasks[0].refusals = 1
          status.plan?.tasks[0].outcomeUnknown = true
          status.plan?.tasks[0].error = TaskError(reason: "ConnectionLost", message: "gone")
        }, ["Warning OutcomeUnknown grow/grow: ConnectionLost: gone"]),
      NewsRow("a restart asks anew", { $0.plan?.tasks[0].outcomeUnknown = true }, []),
      NewsRow(
        "a task parks", { $0.plan?.tasks[0].park = park(.pluginUnavailable) },
        ["Warning TaskParked grow/grow: PluginUnavailable: why"]),
      NewsRow(
        "it parks on", before: { $0.plan?.tasks[0].park = park(.pluginUnavailable) },
        { $0.plan?.tasks[0].park?.message = "still" }, []),
      NewsRow(
        "it goes on", before: { $0.plan?.tasks[0].park = park(.pluginUnavailable) },
        { $0.plan?.tasks[0].park = nil }, ["Normal TaskResumed grow/grow: "]),
      NewsRow(
        "paused", { $0.set(ConditionType.paused, .isTrue, "PausedBySpec") }, ["Normal Paused /: "]),
      NewsRow("never paused", { $0.set(ConditionType.paused, .isFalse, "NotPaused") }, []),
      NewsRow(
        "resumed", before: { $0.set(ConditionType.paused, .isTrue, "PausedBySpec") },
        { $0.set(ConditionType.paused, .isFalse, "NotPaused") }, ["Normal Resumed /: "]),
      NewsRow(
        "no plan can be made",
        { $0.set(ConditionType.plannable, .isFalse, "UnresolvedReference", "no value") },
        ["Warning NotPlannable /: no value"]),
      NewsRow(
        "a condition holds", before: { $0.set("Ready", .isFalse, "NotReady") },
        { $0.set("Ready", .isTrue, "AllReady") },
        ["Normal ConditionChanged /: Ready is True (AllReady)"]),
      NewsRow("a condition is still unknown", { $0.set("Ready", .unknown, "Unverified") }, []),
      NewsRow(
        "on its way out", { $0.set(ConditionType.deleting, .isTrue, "RemovingIntents") },
        ["Normal Deleting /: "]),
      NewsRow(
        "a removal failed", before: { $0.set(ConditionType.deleting, .isTrue, "RemovingIntents") },
        { $0.set(ConditionType.deleting, .isTrue, "RemoveFailed", "it is held") },
        ["Warning RemoveFailed /: it is held"]),
    ])
  func news(_ row: NewsRow) {
    var before = ResourceStatus()
    before.phase = "Growing"
    before.plan = Plan(
      id: "plan-1", name: "grow", generation: 1, target: "local", targetPhase: "", failedPhase: "",
      condition: nil,
      tasks: [
        PlannedTask(id: "t", name: "grow", type: "grow-box", params: [:], timeout: .seconds(1))
      ], startedAt: now)
    row.before(&before)
    var resource = Resource(
      apiVersion: APIVersion.current, kind: "Box", metadata: ObjectMeta(name: "one", uid: "u"),
      spec: [:], status: before)
    if row.testDescription == "a plan began" { resource.status.plan = active }
    row.after(&resource.status)
    let events = StatusNews(before: before, after: resource, at: now).events
    let told = events.map {
      "\($0.severity.rawValue) \($0.reason.rawValue) \($0.plan)/\($0.task): \($0.message)"
    }
    #expect(told == row.told)
    #expect(events.allSatisfy { $0.subject == resource.key && $0.subjectUID == "u" })
  }

  private var active: Plan {
    Plan(
      id: "plan-1", name: "grow", generation: 1, target: "local", targetPhase: "", failedPhase: "",
      condition: nil,
      tasks: [
        PlannedTask(id: "t", name: "grow", type: "grow-box", params: [:], timeout: .seconds(1))
      ], startedAt: now)
  }
}

private func park(_ reason: Park.Reason) -> Park {
  Park(reason: reason, message: "why", since: now)
}

extension ResourceStatus {
  fileprivate mutating func set(
    _ type: String, _ status: Condition.Status, _ reason: String, _ message: String = ""
  ) {
    setCondition(type, status, reason: reason, message: message, generation: 1, at: now)
  }
}
