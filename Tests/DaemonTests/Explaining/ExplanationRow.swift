import Convergence
import JSON
import Model
import Testing

@testable import Daemon
@testable import PluginSupervision

/// What is said, by cause and subject, and what else a row looks for.
struct Answer: Sendable {
  var state: Explanation.State
  var waits: [String]
  /// Parts of the summary and of what the waits say.
  var says: [String]
  var next: [String] = []
}

/// A change of the plain situation: a Box without a plan, its plugin ready, nothing to do.
typealias Change = @Sendable (inout Situation) -> Void

struct Row: Sendable, CustomTestStringConvertible {
  var what: String
  var change: Change
  var answer: Answer

  init(_ what: String, _ change: @escaping Change, _ answer: Answer) {
    self.what = what
    self.change = change
    self.answer = answer
  }

  var testDescription: String { what }

  /// Holds what is said against the row; the first situation is what the row changes.
  func check(_ first: Situation) {
    var situation = first
    change(&situation)
    let explanation = Explainer.explain(situation)
    let waits = explanation.waits.map { wait in
      "\(wait.cause.rawValue) \(wait.subject)"
        + (wait.until.map { " until \($0.milliseconds)" }
          ?? wait.since.flatMap { $0 == Situation.moment ? nil : " since \($0.milliseconds)" } ?? "")
    }
    let failure = explanation.failure.map { failure in
      "\(failure.child) \(failure.plan)/\(failure.task) "
        + "\(failure.error.reason): \(failure.error.message)"
    }
    let words =
      ([explanation.summary, failure ?? ""]
      + explanation.waits.flatMap { [$0.message, $0.wakes, $0.holder] })
      .joined(separator: "\n")
    #expect(explanation.state == answer.state, "\(what): \(words)")
    #expect(waits == answer.waits, "\(what)")
    for part in answer.says { #expect(words.contains(part), "\(what): \(words)") }
    #expect(explanation.nextSteps == answer.next, "\(what)")
    #expect(explanation.waits.allSatisfy { !$0.wakes.isEmpty }, "\(what)")
    if explanation.state == .failed { #expect(explanation.failure?.at != nil, "\(what)") }
    // Nobody keeps when a kind was forgotten, nor when a pause that no pass has seen was asked for.
    let isUntold =
      situation.blueprint == nil
      || explanation.state == .paused
        && situation.resource.status.condition(ConditionType.paused) == nil
    if ![.steady, .running].contains(explanation.state), !isUntold {
      #expect(explanation.since != nil, "\(what): since when?")
    }
  }
}

extension Situation {
  /// When every situation is looked at, and most of what is in them began.
  static let moment = Timestamp(milliseconds: 100_000)

  /// A Box without a plan, its plugin ready, nothing to do.
  static var box: Situation {
    let blueprint = try! Blueprint(
      spec: JSONReader([
        "kind": "Box", "target": "local", "schema": ["type": "object"],
        "plans": [
          [
            "name": "grow", "when": ["phaseIn": ["Pending"]], "targetPhase": "Ready",
            "tasks": [["type": "grow-box", "name": "grow"]],
          ]
        ],
      ]))
    var resource = Resource(
      apiVersion: APIVersion.current, kind: "Box",
      metadata: ObjectMeta(name: "one", uid: "uid-1"), spec: [:])
    resource.status.phase = "Ready"
    return Situation(
      resource: resource, blueprint: blueprint, subjects: [:],
      plugins: [.boxes(.ready, "")], now: moment)
  }
}

extension PluginSnapshot {
  /// Of the plugin that serves boxes.
  static func boxes(_ phase: PluginPhase, _ message: String) -> PluginSnapshot {
    PluginSnapshot(
      name: "boxes", version: "1.0.0", place: "boxes", digest: "", phase: phase, pid: 0,
      startedUnixMS: 0,
      restarts: 0, inFlight: 0, taskTypes: ["grow-box", "paint-box"], intentKinds: [],
      message: message)
  }
}

extension Plan {
  /// An Active plan of two tasks, its first one changed.
  static func growing(_ change: (inout PlannedTask) -> Void = { _ in }) -> Plan {
    var task = PlannedTask(
      id: "t1", name: "grow", type: "grow-box", params: [:], timeout: .seconds(60))
    change(&task)
    let next = PlannedTask(
      id: "t2", name: "paint", type: "paint-box", params: [:], timeout: .seconds(60))
    return Plan(
      id: "plan-1", name: "grow", generation: 1, target: "local", targetPhase: "Ready",
      failedPhase: "", condition: nil, tasks: [task, next], startedAt: Situation.moment)
  }
}

extension PlannedTask {
  /// Parks the task, since a while.
  mutating func park(_ reason: Park.Reason, _ message: String = "because") {
    park = Park(reason: reason, message: message, since: Timestamp(milliseconds: 90_000))
  }
}
