import JSON
import Testing

@testable import Model

private let task: JSONValue = ["type": "make"]
private let plan: JSONValue = ["name": "init", "when": ["phaseIn": ["Pending"]], "tasks": [task]]

private func blueprint(
  plans: [JSONValue] = [plan], conditions: [JSONValue] = [], adding more: [(String, JSONValue)] = []
) -> JSONValue {
  var spec = JSONObject([
    ("kind", "Node"), ("target", "local"), ("schema", ["type": "object"]),
    ("plans", .array(plans)), ("conditions", .array(conditions)),
  ])
  for (name, value) in more { spec[name] = value }
  return .object(spec)
}

private func plan(_ changes: (String, JSONValue)...) -> JSONValue {
  var object = plan.object ?? JSONObject()
  for (name, value) in changes { object[name] = value }
  return .object(object)
}

private func condition(key: JSONValue = "${metadata.name}", type: JSONValue = "Ready") -> JSONValue
{
  [
    "type": type, "from": ["kind": "Volume", "key": key, "path": "ready"],
    "values": [["equals": true, "status": "True", "reason": "Ready"]],
  ]
}

private func read(_ spec: JSONValue) throws(MappingError) -> Blueprint {
  try Blueprint(spec: JSONReader(spec, path: "spec"))
}

@Suite("Blueprints are read as data, and bad ones refused with their place")
struct BlueprintReadingTests {
  @Test("a short blueprint takes the defaults")
  func defaults() throws {
    let read = try read(blueprint())
    #expect(read.plural == "nodes")
    #expect(read.initialPhase == "Pending")
    #expect(read.targetPath == nil)
    let task = try #require(read.plans.first?.tasks.first)
    #expect(task.name == "make")
    #expect(task.maxRetries == 0)
    #expect(task.timeout == TaskTemplate.defaultTimeout)
    #expect(read.plans[0].activePhase == "" && read.plans[0].failedPhase == "")
    #expect(read.plans[0].condition == nil)
  }

  @Test("parts of a plan are written as they are read")
  func roundTrip() throws {
    let json = plan(
      (
        "when",
        [
          "phaseIn": ["A"], "drift": [["desired": "spec.a", "observed": "status.a"]],
          "condition": ["type": "T", "status": "False", "reason": "R"],
        ]
      ),
      ("activePhase", "B"), ("targetPhase", "C"), ("failedPhase", "D"),
      ("condition", ["type": "T", "started": "S", "complete": "C", "failed": "F"]),
      (
        "tasks",
        [
          [
            "name": "a", "type": "x", "params": ["p": "${spec.p}"], "timeout": "1000ms",
            "maxRetries": 0, "outputs": ["o": "status.o"],
          ],
          [
            "name": "b", "type": "x", "version": ">=1", "params": ["p": "${tasks.a.outputs.o}"],
            "when": "spec.p", "maxRetries": 2, "timeout": "300000ms",
          ],
        ]
      ))
    #expect(try PlanTemplate(JSONReader(json)).json == json)
    #expect(try ConditionRule(JSONReader(condition())).json == condition())
  }

  @Test(
    "what is wrong is refused",
    arguments: [
      ("an unknown field", blueprint(adding: [("plan", [])]), "spec.plan: unknown field"),
      ("no kind", blueprint(adding: [("kind", .null)]), "spec: \"kind\" is missing"),
      ("no target", blueprint(adding: [("target", .null)]), "spec: \"target\" is missing"),
      ("a bad schema", blueprint(adding: [("schema", ["type": "thing"])]), "spec.schema: "),
      ("a bad path", blueprint(adding: [("targetFrom", "spec..x")]), "spec.targetFrom: "),
      (
        "no tasks", blueprint(plans: [plan(("tasks", []))]),
        "spec.plans[0]: a plan needs at least one task"
      ),
      (
        "an empty trigger", blueprint(plans: [plan(("when", [:]))]),
        "spec.plans[0].when: a plan that always applies never ends"
      ),
      (
        "two plans of one name", blueprint(plans: [plan, plan]),
        "spec.plans[1].name: a second plan named \"init\""
      ),
      (
        "two tasks of one name", blueprint(plans: [plan(("tasks", [task, task]))]),
        "spec.plans[0].tasks[1].name: a second task named \"make\""
      ),
      (
        "two conditions of one type", blueprint(conditions: [condition(), condition()]),
        "spec.conditions[1].type: a second condition named \"Ready\""
      ),
      (
        "a kind of the host's own", blueprint(adding: [("kind", "Intent")]),
        "spec.kind: \"Intent\" is a kind of the host's own"
      ),
      (
        "a condition of the host's own", blueprint(conditions: [condition(type: "Paused")]),
        "spec.conditions[0].type: the host keeps the condition Paused itself"
      ),
      (
        "a plan's condition of the host's own",
        blueprint(plans: [plan(("condition", ["type": "Deleting"]))]),
        "spec.plans[0].condition.type: the host keeps the condition Deleting itself"
      ),
      (
        "an output of a later task",
        blueprint(plans: [
          plan(
            (
              "tasks",
              [
                ["type": "a", "params": ["x": "${tasks.b.outputs.y}"]], ["type": "b"],
              ]
            ))
        ]),
        "spec.plans[0].tasks[0].params: refers to an output of \"b\", which is no earlier task"
      ),
      (
        "its own output",
        blueprint(plans: [
          plan(("tasks", [["type": "a", "params": "${tasks.a.outputs.y}"]]))
        ]), "spec.plans[0].tasks[0].params: refers to an output of \"a\""
      ),
      (
        "a reference to nothing",
        blueprint(plans: [plan(("tasks", [["type": "a", "params": ["x": ["${env.y}"]]]]))]),
        "spec.plans[0].tasks[0].params.x[0]: ${env.y} refers to nothing known"
      ),
      (
        "a condition of an output",
        blueprint(conditions: [condition(key: "${tasks.a.outputs.b}")]),
        "spec.conditions[0].from.key: refers to an output"
      ),
      (
        "a condition of nothing known", blueprint(conditions: [condition(key: "${what}")]),
        "spec.conditions[0].from.key: ${what} refers to nothing known"
      ),
      (
        "a negative maxRetries",
        blueprint(plans: [plan(("tasks", [["type": "a", "maxRetries": -1]]))]),
        "spec.plans[0].tasks[0].maxRetries: must not be negative"
      ),
      (
        "no time at all", blueprint(plans: [plan(("tasks", [["type": "a", "timeout": "0s"]]))]),
        "spec.plans[0].tasks[0].timeout: must be longer than nothing"
      ),
      (
        "a timeout in words",
        blueprint(plans: [plan(("tasks", [["type": "a", "timeout": "soon"]]))]),
        "spec.plans[0].tasks[0].timeout: \"soon\" is no duration"
      ),
    ] as [(String, JSONValue, String)])
  func refused(_ what: String, _ spec: JSONValue, _ message: String) {
    let error = #expect(throws: MappingError.self, "\(what)") { try read(spec) }
    #expect(error?.description.hasPrefix(message) ?? false, "\(error?.description ?? "")")
  }

  @Test(
    "an output goes to a status path that is the blueprint's, by plain names",
    arguments: [
      ("status.image", true), ("status.service.address", true), ("status.a-b", true),
      ("status", false), ("spec.image", false), ("image", false), ("status.phase", false),
      ("status.plan.id", false), ("status.conditions", false), ("status.retry", false),
      ("status.pods[0]", false), ("status..x", false), ("status.x.", false),
      ("status[\"a.b\"]", false), ("", false),
    ])
  func outputPaths(_ path: String, _ isAccepted: Bool) {
    let spec = blueprint(plans: [
      plan(("tasks", [["type": "a", "outputs": ["o": .string(path)]]]))
    ])
    #expect(((try? read(spec)) != nil) == isAccepted)
  }
}
