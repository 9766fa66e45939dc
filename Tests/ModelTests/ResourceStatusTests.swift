import JSON
import Testing

@testable import Model

private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

private let volume = IntentKey(target: "local", kind: "Volume", key: "default/one")

/// A task with every member set.
private func fullTask() -> PlannedTask {
  var task = PlannedTask(
    id: "id-1", name: "apply", type: "apply-workload", versionRange: ">=1.0",
    params: ["url": "${tasks.first.outputs.url}", "none": .null],
    outputPaths: [("url", "status.url"), ("image", "status.image")], maxRetries: 3,
    timeout: .seconds(60))
  task.plugin = "workload@1.2.0"
  task.pluginDigest = "sha256:00"
  task.state = .waiting
  task.attempt = 2
  task.step = 3
  task.submittedAt = at(1)
  task.deadline = at(61)
  task.nextAttemptAt = at(5)
  task.refusals = 4
  task.outcomeUnknown = true
  task.park = Park(reason: .targetUnreachable, message: "gone", since: at(7))
  task.progress = TaskProgress(message: "half", percent: 50)
  task.handle = TaskHandle(data: "00ff", version: 2)
  task.wait = PendingWait(
    Wish(
      set: [IntentWrite(key: volume, spec: ["size": 1], specVersion: 2, references: [volume])],
      remove: [volume], release: [volume],
      gate: Gate(clauses: [
        GateClause(intent: volume, test: .atLeast, path: "pods[0].ready", value: 1),
        GateClause(intent: volume, test: .absent),
      ])), since: at(8))
  task.outputs = ["url": "http://x"]
  task.error = TaskError(reason: "Slow", message: "later")
  task.endedAt = at(9)
  task.phase = TaskPhase(
    name: "one", isRevertible: true, exclusiveKeys: ["k"], isPointOfNoReturn: true, adds: [volume])
  task.revertMeans = .host
  task.reverts = RevertedTask(index: 3, means: .plugin)
  return task
}

private func fullStatus() -> ResourceStatus {
  var plan = Plan(
    id: "plan", name: "init", generation: 2, target: "local", targetPhase: "Running",
    failedPhase: "Failed",
    condition: PlanCondition(type: "T", started: "S", complete: "C", failed: "F"),
    tasks: [fullTask()], startedAt: at(1))
  plan.phase = .failed
  plan.failedTaskIndex = 0
  plan.failedTaskDetail = "apply: Slow: later"
  plan.endedAt = at(10)
  plan.reverts = "other"
  plan.intents = [volume]
  plan.admittedAt = at(2)
  var status = ResourceStatus()
  status.phase = "Initializing"
  status.observedGeneration = 2
  status.setCondition("Ready", .isFalse, reason: "No", message: "not yet", generation: 2, at: at(3))
  status.plan = plan
  status.history = [
    PlanRecord(
      id: "old", name: "init", phase: .cancelled, generation: 1, startedAt: at(0), endedAt: at(1),
      detail: "x")
  ]
  status.retry = PlanRetry(generation: 2, count: 3, notBefore: at(20))
  status.forward = plan
  status.revert = PlanRevert(.failed, of: plan, message: "stuck", at: at(11))
  status.revert?.skipped = ["two"]
  status.fields = JSONObject([("image", "redis:7.0"), ("service", ["port": 6379])])
  return status
}

@Suite("Status is kept as JSON without loss")
struct ResourceStatusTests {
  @Test("a status with every member set reads back as it was, through text")
  func roundTrip() throws {
    let status = fullStatus()
    let text = status.json.serialized()
    let read = try ResourceStatus(JSONReader(JSONValue(parsing: text)))
    #expect(read.json.serialized() == text)
    #expect(read.plan == status.plan)
    #expect(read.conditions == status.conditions)
    #expect(read.history == status.history)
    #expect(read.retry == status.retry)
    #expect(read.forward == status.forward)
    #expect(read.revert == status.revert)
    #expect(read.fields == status.fields)
    // The round trip alone would not notice a member that is neither written nor read.
    let members = try #require(read.plan?.tasks.first?.json.object)
    #expect(members.count == Mirror(reflecting: fullTask()).children.count)
  }

  @Test("an empty status reads back as it was")
  func empty() throws {
    let status = ResourceStatus()
    let read = try ResourceStatus(JSONReader(status.json))
    #expect(read.json == status.json)
    #expect(read.plan == nil && read.retry == nil && read.conditions.isEmpty)
  }

  @Test("names of the host's own are no fields, and fields are seen by references")
  func fields() throws {
    let read = try ResourceStatus(JSONReader(fullStatus().json))
    #expect(read.fields.names == ["image", "service"])
    #expect(read.document["image"] == "redis:7.0")
    #expect(read.document["phase"] == "Initializing")
    #expect(read.document["plan"] == nil)
  }

  @Test("a resource reads back as it was stored, with the store's version")
  func resource() throws {
    var metadata = ObjectMeta(name: "one", namespace: "blue", uid: "u", generation: 7)
    metadata.labels = [("a", "b")]
    metadata.annotations = [("c", "d")]
    metadata.ownerReferences = [
      OwnerReference(kind: "K", name: "n", uid: "owner", controller: true)
    ]
    metadata.finalizers = ["mortise.dev/intents"]
    metadata.creationTimestamp = at(1)
    metadata.deletionTimestamp = at(2)
    let resource = Resource(
      apiVersion: "v1", kind: "Node", metadata: metadata, spec: ["paused": true],
      status: fullStatus(), version: 9)
    let read = try Resource(resource.stored)
    #expect(read.json == resource.json)
    #expect(read.version == 9)
    #expect(read.isPaused)
    #expect(resource.stored.owner == "owner")
  }

  @Test(
    "a damaged status is refused with its path",
    arguments: [
      (["phase": 3], "phase: expected a string"),
      (["conditions": [["type": "T"]]], "conditions[0]: \"status\" is missing"),
      (
        ["conditions": [["type": "T", "status": "Maybe"]]],
        "conditions[0].status: \"Maybe\" is none of True, False, Unknown"
      ),
      (
        ["retry": ["generation": 1, "count": 1, "notBefore": "soon"]],
        "retry.notBefore: expected a time such as 2026-01-31T12:00:00Z"
      ),
      (
        [
          "plan": [
            "id": "p", "name": "n", "phase": "Active", "generation": 1,
            "startedAt": "2026-01-31T12:00:00Z",
          ]
        ], "plan: an Active plan has a task that is not complete"
      ),
      (
        [
          "plan": [
            "id": "p", "name": "n", "phase": "Failed", "generation": 1, "failedTaskIndex": 0,
            "startedAt": "2026-01-31T12:00:00Z",
          ]
        ], "plan: failedTaskIndex 0 names no task"
      ),
      (
        [
          "plan": [
            "id": "p", "name": "n", "phase": "Active", "generation": 1,
            "startedAt": "2026-01-31T12:00:00Z",
            "tasks": [
              ["id": "t", "name": "t", "type": "t", "state": "Waiting", "timeoutMilliseconds": 1]
            ],
          ]
        ], "plan.tasks[0]: a Waiting task says what it waits for"
      ),
    ] as [(JSONValue, String)])
  func damaged(_ json: JSONValue, _ message: String) {
    let error = #expect(throws: MappingError.self) { try ResourceStatus(JSONReader(json)) }
    #expect(error?.description == message)
  }

  @Test("a condition keeps its transition time until its status changes")
  func transitionTime() {
    var status = ResourceStatus()
    status.setCondition("Ready", .unknown, reason: "A", generation: 1, at: at(1))
    status.setCondition("Ready", .unknown, reason: "B", message: "m", generation: 2, at: at(2))
    #expect(status.conditions.count == 1)
    #expect(status.condition("Ready")?.reason == "B")
    #expect(status.condition("Ready")?.message == "m")
    #expect(status.condition("Ready")?.observedGeneration == 2)
    #expect(status.condition("Ready")?.lastTransitionTime == at(1))
    status.setCondition("Ready", .isTrue, reason: "B", generation: 2, at: at(3))
    #expect(status.condition("Ready")?.lastTransitionTime == at(3))
  }

  @Test("an intent with every member set reads back as it was stored")
  func intent() throws {
    var intent = Intent(
      write: IntentWrite(key: volume, spec: ["size": 1], specVersion: 2, references: [volume]),
      uid: "u",
      owner: IntentOwner(resource: ObjectKey(kind: "K", namespace: "n", name: "m"), uid: "o"),
      writer: IntentWriter(taskID: "t", attempt: 2, step: 3))
    intent.generation = 4
    intent.state = .commitFailed
    intent.observed = ["phase": "Bound"]
    intent.verifiedAt = at(1)
    intent.error = TaskError(reason: "R", message: "m")
    intent.failures = 5
    intent.notBefore = at(2)
    intent.version = 6
    #expect(try Intent(intent.stored) == intent)
    #expect(intent.stored.partition == "local")
    #expect(intent.stored.owner == "o")
  }
}
