import JSON
import Testing

@testable import Execution
@testable import Model
@testable import Planning

private let validate: (String, JSONValue) = (
  "sidecar", ["image": "sidecar:1.0", "validateCommand": "true"]
)

/// The types of the plan that a pass stamps; empty = none.
private func stamped(_ resource: inout Resource, intents: [Intent] = []) throws -> [String] {
  guard try resolve(&resource, intents: intents) == .stamped else { return [] }
  return resource.status.plan?.tasks.map(\.type) ?? []
}

@Suite("The node blueprint that ships plans as its rules say")
struct StatefulNodeTests {
  @Test("init runs from Pending, volumes before workloads before services before readiness")
  func initial() throws {
    var resource = try node(spec: [validate])
    #expect(
      try stamped(&resource) == [
        "ensure-data-pvc", "apply-statefulset", "apply-service", "replace-pod", "config-apply",
        "config-validate", "mark-ready", "observe-image",
      ])
    #expect(resource.status.plan?.name == "init")
    #expect(resource.status.phase == "Initializing")
    end(&resource, .complete)
    #expect(resource.status.phase == "Running")
  }

  @Test("without a command that validates, config-validate is left out")
  func optionalTask() throws {
    var resource = try node()
    #expect(try !stamped(&resource).contains("config-validate"))
  }

  @Test("an init that failed comes again from Initializing")
  func initAgain() throws {
    var resource = try node()
    _ = try stamped(&resource)
    end(&resource, .failed)
    _ = try resolve(&resource)
    #expect(resource.status.phase == "Initializing")
    #expect(try resolve(&resource, at: start + .seconds(60)) == .stamped)
    #expect(resource.status.plan?.name == "init")
  }

  @Test(
    "update runs on drift of image, sidecar image and configuration, each alone",
    arguments: [
      ("image", "redis:8.0"), ("sidecar", ["image": "sidecar:2.0"]),
      ("config", ["maxmemory": "96mb"]), ("config", ["maxmemory": "64mb", "save": "1 1"]),
      ("config", [:]),
    ] as [(String, JSONValue)])
  func update(_ member: String, _ value: JSONValue) throws {
    var resource = try node(spec: [(member, value)], generation: 2, running)
    #expect(
      try stamped(&resource) == [
        "apply-statefulset", "apply-service", "replace-pod", "observe-image", "config-apply",
        "mark-ready",
      ])
    #expect(resource.status.plan?.name == "update")
    #expect(resource.status.phase == "Running")
    let condition = try #require(resource.status.condition("NodeUpdateInProgress"))
    #expect(condition.status == .isTrue && condition.reason == "UpdateStarted")
  }

  @Test("the order of a configuration's members is no drift, nor is what no rule names")
  func noDrift() throws {
    var resource = try node(spec: [("config", ["b": 1, "a": 2]), ("args", ["--x"])]) {
      running(&$0)
      $0.fields["config"] = ["a": 2, "b": 1]
    }
    #expect(try stamped(&resource) == [])
  }

  @Test("what was never observed has not drifted")
  func unobserved() throws {
    for member in ["image", "sidecarImage", "config"] {
      for value in [nil, JSONValue.null] {
        var resource = try node {
          running(&$0)
          $0.fields[member] = value
        }
        #expect(try stamped(&resource) == [])
      }
    }
  }

  @Test("drift before Running is init's business")
  func driftBeforeRunning() throws {
    var resource = try node(spec: [("image", "redis:8.0")]) {
      running(&$0)
      $0.phase = "Initializing"
    }
    _ = try stamped(&resource)
    #expect(resource.status.plan?.name == "init")
  }

  @Test(
    "an update's end is told by its condition before anything else is planned",
    arguments: [
      (.complete, "UpdateComplete"), (.failed, "UpdateFailed"), (.cancelled, "Cancelled"),
    ] as [(PlanPhase, String)])
  func updateEnds(_ phase: PlanPhase, _ reason: String) throws {
    var resource = try node(spec: [("image", "redis:8.0")], generation: 2, running)
    _ = try stamped(&resource)
    end(&resource, phase)
    _ = try resolve(&resource)
    let condition = try #require(resource.status.condition("NodeUpdateInProgress"))
    #expect(condition.status == .isFalse && condition.reason == reason)
    #expect((condition.message == "first: Broken: it is broken") == (phase == .failed))
    #expect(resource.status.plan == nil)
    #expect(resource.status.phase == "Running")
  }

  @Test(
    "re-arm runs on NotReady alone, while Running alone",
    arguments: [
      ("Running", false, true), ("Running", true, false), ("Running", nil, false),
      ("Running", "what", false), ("Stopped", false, false),
    ] as [(String, JSONValue?, Bool)])
  func rearm(_ phase: String, _ sidecarReady: JSONValue?, _ isArmed: Bool) throws {
    var resource = try node {
      running(&$0)
      $0.phase = phase
    }
    let types = try stamped(&resource, intents: [statefulSet(sidecarReady: sidecarReady)])
    #expect(types == (isArmed ? ["mark-ready"] : []))
    if isArmed {
      #expect(resource.status.plan?.name == "re-arm")
      #expect(resource.status.plan?.tasks[0].params == ["url": "http://127.77.0.1:7070"])
    }
  }

  @Test("what was not verified since the last plan ended plans nothing: it may tell of before")
  func rearmOnOldNews() throws {
    var resource = try node(running)
    let intents = [statefulSet(sidecarReady: false)]
    #expect(try resolve(&resource, intents: intents, fresh: []) == .steady(until: nil))
    #expect(resource.status.condition("SidecarReady")?.status == .isFalse)
    #expect(try resolve(&resource, intents: intents) == .stamped)
  }

  @Test("before Running a sidecar that is not ready is init's business")
  func rearmBeforeRunning() throws {
    for phase in ["", "Pending", "Initializing"] {
      var resource = try node { $0.phase = phase }
      _ = try stamped(&resource, intents: [statefulSet(sidecarReady: false)])
      #expect(resource.status.plan?.name == "init")
    }
  }

  @Test("a node that both drifted and is not ready is updated, which makes it ready")
  func updateBeforeRearm() throws {
    var resource = try node(spec: [("image", "redis:8.0")], running)
    _ = try stamped(&resource, intents: [statefulSet(sidecarReady: false)])
    #expect(resource.status.plan?.name == "update")
  }

  @Test("each plan runs to its end under the executor, and leaves nothing to be planned")
  func throughTheExecutor() throws {
    var resource = try node(spec: [validate])
    try run(&resource)
    #expect(resource.status.phase == "Running")
    #expect(resource.status.fields["image"] == "redis:7.0")
    #expect(try settle(&resource) == .steady(until: nil))
    resource.spec = try spec([validate, ("image", "redis:8.0"), ("config", ["maxmemory": "1mb"])])
    resource.metadata.generation = 2
    try run(&resource)
    #expect(resource.status.history.first?.name == "update")
    #expect(resource.status.fields["image"] == "redis:8.0")
    #expect(resource.status.fields["config"] == ["maxmemory": "1mb"])
    #expect(resource.status.observedGeneration == 2)
    #expect(try settle(&resource) == .steady(until: nil))
  }

  private func settle(_ resource: inout Resource) throws -> Planner.Outcome {
    try resolve(&resource, intents: [statefulSet(sidecarReady: true)])
  }

  /// Stamps, executes with tasks that do what they are asked, and clears.
  private func run(_ resource: inout Resource) throws {
    #expect(try settle(&resource) == .stamped)
    var executor = PlanExecutor(status: resource.status, isCertain: true)
    var effect = executor.on(.advance, at: start)
    while case .execute(let index, let params) = effect {
      let outputs: JSONValue =
        switch executor.plan.tasks[index].type {
        case "apply-statefulset": ["sidecarURL": "http://127.77.0.1:7070"]
        case "config-apply": ["config": params["config"] ?? .null]
        case "observe-image":
          [
            "image": resource.spec["image"] ?? .null, "revision": "r1",
            "sidecarImage": resource.spec["sidecar"]?["image"] ?? .null,
          ]
        default: [:]
        }
      if executor.plan.tasks[index].type.hasPrefix("config-") {
        #expect(params["url"] == "http://127.77.0.1:7070")
      }
      effect = executor.on(.answered(.complete(outputs: outputs), from: nil), at: start)
    }
    #expect(executor.plan.phase == .complete)
    resource.status = executor.status
    guard case .cleared = try settle(&resource) else {
      Issue.record("an ended plan is cleared")
      return
    }
  }
}
