import JSON
import LinuxSystem
import Manifests
import Model
import Planning
import Testing

@testable import Sidecar
@testable import Workload

/// The blueprint and the examples that ship, through the host's own planner and schemas.
@Suite("The StatefulNode blueprint")
struct StatefulNodeBlueprintTests {
  private let blueprint: Blueprint

  init() throws {
    let document = try Self.document("plugins/workload/blueprints/StatefulNode.yaml")
    blueprint = try Blueprint(spec: try JSONReader(document.value).required("spec"))
  }

  private static func document(_ path: String) throws -> ManifestDocument {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try FileSystem.read("/\(root)/\(path)")
    return try #require(try ManifestDocument.parse(text, source: path).first)
  }

  private func node(_ path: String = "examples/redis/node.yaml") throws -> Resource {
    var resource = try Resource(JSONReader(try Self.document(path).value))
    resource.spec = blueprint.schema.applyingDefaults(resource.spec)
    return resource
  }

  /// The node after its init.
  private func runningNode() throws -> Resource {
    var node = try node()
    node.status.phase = "Running"
    node.status.fields = JSONObject([
      ("image", "redis:7.0"), ("sidecarImage", "sidecar:1.0"),
      ("config", try #require(node.spec["config"])), ("sidecarURL", "http://127.77.0.1:7070"),
    ])
    return node
  }

  private func resolve(_ node: inout Resource, sidecarReady: JSONValue? = nil) -> Planner.Outcome {
    var intents: [Intent] = []
    if let sidecarReady {
      let key = IntentKey(target: "local", kind: "StatefulSet", key: "default/cache")
      var intent = Intent(
        write: IntentWrite(key: key, spec: [:], specVersion: 0, references: []), uid: "s",
        owner: IntentOwner(resource: node.key, uid: "u"),
        writer: IntentWriter(taskID: "t", attempt: 1, step: 1))
      intent.observed = ["pods": [["sidecarReady": sidecarReady]]]
      intent.verifiedAt = Timestamp(milliseconds: 1)
      intents = [intent]
    }
    let planner = Planner(
      blueprint: blueprint, intents: intents, fresh: Set(intents.map(\.key)),
      now: Timestamp(milliseconds: 1), planID: "plan")
    return planner.resolve(&node)
  }

  private func plannedTypes(_ node: Resource) -> [String] {
    node.status.plan?.tasks.map(\.type) ?? []
  }

  @Test(
    "the examples obey its schema",
    arguments: ["examples/redis/node.yaml", "examples/redis/node-v2.yaml"])
  func examples(_ path: String) throws {
    let node = try node(path)
    #expect(blueprint.schema.validate(node.spec).map(\.description) == [])
    #expect(node.kind == blueprint.resourceKind)
  }

  @Test("a new node is initialised, and one whose init failed again")
  func initialises() throws {
    for phase in ["", "Initializing"] {
      var node = try node()
      node.status.phase = phase
      #expect(resolve(&node) == .stamped)
      #expect(node.status.phase == "Initializing")
      #expect(node.status.plan?.targetPhase == "Running")
      #expect(
        plannedTypes(node) == [
          "ensure-data-pvc", "apply-statefulset", "apply-service", "replace-pod", "config-apply",
          "config-validate", "mark-ready", "observe-image",
        ])
    }
  }

  @Test("a running node as declared has no plan")
  func steady() throws {
    var node = try runningNode()
    #expect(resolve(&node, sidecarReady: true) == .steady(until: nil))
    #expect(node.status.condition("SidecarReady")?.status == .isTrue)
  }

  @Test(
    "drift of the image, the sidecar's image or the configuration updates",
    arguments: [
      ("image", "redis:7.0-tuned"), ("sidecar", ["image": "sidecar:1.1", "port": 7070]),
      ("config", ["maxmemory": "96mb"]),
    ] as [(String, JSONValue)])
  func updates(_ field: String, _ value: JSONValue) throws {
    var node = try runningNode()
    var spec = try #require(node.spec.object)
    spec[field] = value
    node.spec = blueprint.schema.applyingDefaults(.object(spec))
    #expect(resolve(&node, sidecarReady: false) == .stamped)
    #expect(node.status.plan?.name == "update")
    let condition = try #require(node.status.condition("NodeUpdateInProgress"))
    #expect(condition.status == .isTrue && condition.reason == "UpdateStarted")
    let validates = field == "sidecar" ? [] : ["config-validate"]
    #expect(
      plannedTypes(node) == [
        "apply-statefulset", "apply-service", "replace-pod", "observe-image", "config-apply",
      ] + validates + ["mark-ready"])
  }

  @Test("a running node that is held back is armed again; one that nobody can tell about is not")
  func rearms() throws {
    var node = try runningNode()
    #expect(resolve(&node, sidecarReady: false) == .stamped)
    #expect(node.status.plan?.name == "re-arm")
    #expect(plannedTypes(node) == ["mark-ready"])
    for unknown in [nil, JSONValue.null] {
      node = try runningNode()
      #expect(resolve(&node, sidecarReady: unknown) == .steady(until: nil))
      #expect(node.status.condition("SidecarReady")?.reason == "Unverified")
    }
  }

  @Test("no re-arm before the node runs")
  func armsLate() throws {
    var node = try node()
    node.status.phase = "Initializing"
    #expect(resolve(&node, sidecarReady: false) == .stamped)
    #expect(node.status.plan?.name == "init")
  }

  @Test("what each task is given is what its type takes")
  func params() throws {
    var fresh = try node()
    var drifted = try runningNode()
    drifted.spec = try node("examples/redis/node-v2.yaml").spec
    var held = try runningNode()
    let schemas: [String: JSONValue] = [
      EnsureDataPVC.name: EnsureDataPVC.paramsSchema,
      ApplyStatefulSet.name: ApplyStatefulSet.paramsSchema,
      ApplyService.name: ApplyService.paramsSchema, ReplacePod.name: ReplacePod.paramsSchema,
      ObserveImage.name: ObserveImage.paramsSchema, ConfigApply.name: ConfigApply.paramsSchema,
      ConfigValidate.name: ConfigValidate.paramsSchema, MarkReady.name: MarkReady.paramsSchema,
    ]
    _ = (resolve(&fresh), resolve(&drifted), resolve(&held, sidecarReady: false))
    for node in [fresh, drifted, held] {
      for task in try #require(node.status.plan).tasks {
        let params = try Template.complete(task.params) { _ in
          ["sidecarURL": "http://127.77.0.1:7070"]
        }
        let schema = try Schema(try #require(schemas[task.type], "\(task.type) is unknown"))
        #expect(schema.validate(params).map(\.description) == [], "\(task.type)")
      }
    }
  }

  @Test("what each task hands to status is among its outputs")
  func outputs() throws {
    let schemas: [String: JSONValue] = [
      EnsureDataPVC.name: EnsureDataPVC.outputsSchema,
      ApplyStatefulSet.name: ApplyStatefulSet.outputsSchema,
      ApplyService.name: ApplyService.outputsSchema, ObserveImage.name: ObserveImage.outputsSchema,
      ConfigApply.name: ConfigApply.outputsSchema,
    ]
    for task in blueprint.plans.flatMap(\.tasks) where !task.outputs.isEmpty {
      let schema = try Schema(try #require(schemas[task.type]))
      for (output, _) in task.outputs {
        #expect(schema.required.contains(output), "\(task.type) \(output)")
      }
    }
  }
}
