import Execution
import JSON
import Model
import Testing

@testable import Daemon

private let volume = IntentKey(target: "local", kind: "Volume", key: "default/one")

/// Answers dry runs by the task's type, as many plugins would.
private struct ScriptedRehearsal: TaskRehearsal {
  var offers: [String: TaskOffer] = [:]
  var answers: [String: @Sendable (TaskDelivery) -> TaskAnswer] = [:]
  var invalidities: [String: TaskAnswer] = [:]
  var words: [String: String] = [:]

  func offer(of type: String, range: String) -> TaskOffer? { offers[type] }

  func invalidity(of delivery: TaskDelivery) async -> TaskAnswer? {
    invalidities[delivery.task.type]
  }

  func rehearse(_ delivery: TaskDelivery) async -> (TaskAnswer, preview: String) {
    guard let answer = answers[delivery.task.type] else {
      preconditionFailure("\(delivery.task.type) must not be rehearsed")
    }
    return (answer(delivery), words[delivery.task.type] ?? "")
  }
}

private func offer(
  intents: Bool = true, dryRun: Bool = true, revert: Bool = false
) -> TaskOffer {
  TaskOffer(
    plugin: "boxes@1.0.0", version: "1", actsThroughIntents: intents, offersDryRun: dryRun,
    offersRevert: revert)
}

private func wait(_ spec: JSONValue, remove: [IntentKey] = []) -> TaskAnswer {
  .wait(
    Wish(
      set: [IntentWrite(key: volume, spec: spec, specVersion: 1)], remove: remove,
      gate: Gate(clauses: [])))
}

@Suite("A plan is gone through without doing any of it")
struct PlanRehearsalTests {
  private func previews(
    _ tasks: [PlannedTask], _ rehearsal: ScriptedRehearsal, intents: [Intent] = []
  ) async -> [TaskPreview] {
    let resource = Resource(
      apiVersion: APIVersion.current, kind: "Box", metadata: ObjectMeta(name: "one", uid: "u1"),
      spec: [:])
    let plan = Plan(
      id: "p", name: "grow", generation: 1, target: "local", targetPhase: "", failedPhase: "",
      condition: nil, tasks: tasks, startedAt: Timestamp(milliseconds: 1))
    var rehearsed = PlanRehearsal(plan, of: resource, intents: intents, tasks: rehearsal)
    return await rehearsed.previews()
  }

  private func task(_ name: String, params: JSONValue = [:]) -> PlannedTask {
    PlannedTask(id: name, name: name, type: name, params: params, timeout: .seconds(1))
  }

  private func held(_ spec: JSONValue) -> Intent {
    Intent(
      write: IntentWrite(key: volume, spec: spec, specVersion: 1), uid: "i",
      owner: IntentOwner(
        resource: ObjectKey(kind: "Box", namespace: "default", name: "one"), uid: "u1"),
      writer: IntentWriter(taskID: "t", attempt: 1, step: 1))
  }

  @Test("a task that only waits at first says what for")
  func gateOnly() async {
    let clauses = [
      GateClause(intent: volume, test: .atLeast, path: "size", value: 2),
      GateClause(intent: volume, test: .committed),
    ]
    let rehearsal = ScriptedRehearsal(
      offers: ["look": offer(), "step": offer()],
      answers: [
        "look": { _ in .wait(Wish(gate: Gate(clauses: clauses))) },
        "step": { _ in .wait(Wish(gate: Gate(clauses: []))) },
      ])
    let previews = await previews([task("look"), task("step")], rehearsal)
    #expect(
      previews.map(\.note) == [
        "changes nothing before this holds: size of \(volume) is at least 2; \(volume) is committed",
        "its first step changes nothing; what follows is not known before",
      ])
    #expect(previews.allSatisfy { $0.intents.isEmpty })
  }

  @Test("who would do it, and whether it could be reverted")
  func providers() async {
    let rehearsal = ScriptedRehearsal(
      offers: [
        "through": offer(), "outside": offer(intents: false, dryRun: false),
        "back": offer(intents: false, dryRun: false, revert: true), "mute": offer(dryRun: false),
      ], answers: ["through": { _ in .complete(outputs: .null) }])
    let tasks = ["through", "outside", "back", "mute", "nobody"].map { task($0) }
    let previews = await previews(tasks, rehearsal)
    #expect(previews.map(\.isRevertible) == [true, false, true, true, false])
    #expect(previews.map(\.plugin) == Array(repeating: "boxes@1.0.0", count: 4) + [""])
    #expect(previews[4].note.contains("park"))
    #expect(previews.allSatisfy { !$0.note.isEmpty })
  }

  @Test("a task that acts on the world says so itself, where its type can")
  func words() async {
    let rehearsal = ScriptedRehearsal(
      offers: ["outside": offer(intents: false, dryRun: true)],
      answers: ["outside": { _ in .complete(outputs: [:]) }],
      words: ["outside": "drops the table"])
    #expect(await previews([task("outside")], rehearsal).first?.note == "drops the table")
  }

  @Test("params that the type refuses are shown, with or without a dry run")
  func invalid() async {
    let refusal = TaskAnswer.failed(
      TaskError(reason: "InvalidParams", message: "a: b"), isTransient: false, retryAfter: nil)
    let rehearsal = ScriptedRehearsal(
      offers: ["mute": offer(intents: false, dryRun: false)], invalidities: ["mute": refusal])
    #expect(
      await previews([task("mute")], rehearsal).first?.note == "it would fail: InvalidParams: a: b")
  }

  @Test("a task sees what those before it would have left, and complete ones are passed over")
  func chain() async throws {
    var done = task("done")
    done.state = .complete
    done.outputs = ["size": 7]
    let rehearsal = ScriptedRehearsal(
      offers: ["make": offer(), "grow": offer(), "drop": offer(), "late": offer()],
      answers: [
        "make": { wait(["size": $0.params["size"] ?? .null]) },
        "grow": { delivery in
          delivery.intents.map(\.spec) == [["size": 7]]
            ? wait(["size": 9, "fast": true]) : .complete(outputs: 1)
        },
        "drop": { _ in .wait(Wish(set: [], remove: [volume], gate: Gate(clauses: []))) },
        "late": { delivery in
          .failed(
            TaskError(reason: "Missing", message: "\(delivery.intents.count) volumes"),
            isTransient: false, retryAfter: nil)
        },
      ])
    let previews = await previews(
      [
        done, task("make", params: ["size": "${tasks.done.outputs.size}"]), task("grow"),
        task("drop"), task("late"),
      ],
      rehearsal)
    #expect(previews.map(\.name) == ["make", "grow", "drop", "late"])
    #expect(previews[0].params == ["size": 7])
    #expect(previews[0].intents == [IntentPreview(key: volume, action: .create)])
    #expect(
      previews[1].intents == [
        IntentPreview(
          key: volume, action: .change,
          differences: [
            .init(path: "size", present: 7, planned: 9),
            .init(path: "fast", present: .null, planned: true),
          ])
      ])
    #expect(previews[2].intents == [IntentPreview(key: volume, action: .remove)])
    #expect(previews[3].note.hasPrefix("not known before the tasks above are done"))
    #expect(previews[3].note.contains("0 volumes"))
  }

  @Test("what stays as it is is unchanged, and a failure without changes before it is a verdict")
  func unchanged() async {
    let rehearsal = ScriptedRehearsal(
      offers: ["make": offer(), "bad": offer()],
      answers: [
        "make": { _ in wait(["size": 1]) },
        "bad": { _ in
          .failed(TaskError(reason: "No", message: "never"), isTransient: false, retryAfter: nil)
        },
      ])
    let previews = await previews(
      [task("make"), task("bad")], rehearsal, intents: [held(["size": 1])])
    #expect(previews[0].intents == [IntentPreview(key: volume, action: .unchanged)])
    #expect(previews[1].note == "it would fail: No: never")
  }

  @Test("params that depend on what is not done yet are shown as they are written")
  func unknownOutputs() async {
    let params: JSONValue = ["url": "${tasks.make.outputs.url}"]
    let rehearsal = ScriptedRehearsal(
      offers: ["make": offer(), "use": offer()], answers: ["make": { _ in wait([:]) }])
    let previews = await previews([task("make"), task("use", params: params)], rehearsal)
    #expect(previews[1].params == params)
    #expect(previews[1].note.contains("depends on outputs of earlier tasks"))
  }
}
