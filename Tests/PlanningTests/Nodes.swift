import JSON
import LinuxSystem
import Manifests
import Testing

@testable import Model
@testable import Planning

let start = Timestamp(milliseconds: 1_000_000)

/// The blueprint that ships, read from the file that ships.
func statefulNode() throws -> Blueprint {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let path = "/\(root)/plugins/workload/blueprints/StatefulNode.yaml"
  let text = try FileSystem.read(path)
  let document = try #require(try ManifestDocument.parse(text, source: path).first)
  return try Blueprint(spec: JSONReader(document.value).required("spec"))
}

/// A node's spec, with the defaults filled in as at apply.
func spec(_ changes: [(String, JSONValue)] = []) throws -> JSONValue {
  var object = JSONObject([
    ("image", "redis:7.0"), ("port", 6379), ("storage", ["size": "64Mi"]),
    ("sidecar", ["image": "sidecar:1.0"]), ("config", ["maxmemory": "64mb"]),
  ])
  for (name, value) in changes { object[name] = value }
  let filled = try statefulNode().schema.applyingDefaults(.object(object))
  #expect(try statefulNode().schema.validate(filled) == [])
  return filled
}

/// A node, new unless its status is changed.
func node(
  spec changes: [(String, JSONValue)] = [], generation: Int64 = 1,
  _ change: (inout ResourceStatus) -> Void = { _ in }
) throws -> Resource {
  var status = ResourceStatus()
  change(&status)
  return Resource(
    apiVersion: APIVersion.current, kind: "StatefulNode",
    metadata: ObjectMeta(name: "one", uid: "uid-one", generation: generation),
    spec: try spec(changes), status: status)
}

/// As a node's status is once init has run.
func running(_ status: inout ResourceStatus) {
  status.phase = "Running"
  status.fields = JSONObject([
    ("image", "redis:7.0"), ("sidecarImage", "sidecar:1.0"), ("config", ["maxmemory": "64mb"]),
    ("sidecarURL", "http://127.77.0.1:7070"),
  ])
}

/// The node's StatefulSet as its driver saw it; nil = not verified yet.
func statefulSet(sidecarReady: JSONValue?) -> Intent {
  let resource = ObjectKey(kind: "StatefulNode", namespace: "default", name: "one")
  var intent = Intent(
    write: IntentWrite(
      key: IntentKey(target: "local", kind: "StatefulSet", key: "default/one"), spec: [:],
      specVersion: 1), uid: "uid-set", owner: IntentOwner(resource: resource, uid: "uid-one"),
    writer: IntentWriter(taskID: "t", attempt: 1, step: 1))
  intent.state = .committed
  if let sidecarReady {
    intent.observed = ["pods": [["sidecarReady": sidecarReady]]]
    intent.verifiedAt = start
  }
  return intent
}

let planID = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

/// One pass of the planner over the shipped blueprint; all intents are fresh unless said otherwise.
func resolve(
  _ resource: inout Resource, intents: [Intent] = [], fresh: Set<IntentKey>? = nil,
  at now: Timestamp = start,
  blueprint: Blueprint? = nil, planID: String = planID
) throws -> Planner.Outcome {
  try Planner(
    blueprint: blueprint ?? statefulNode(), intents: intents,
    fresh: fresh ?? Set(intents.map(\.key)), now: now,
    planID: planID
  )
  .resolve(&resource)
}

/// Ends the plan in flight as an executor would.
func end(_ resource: inout Resource, _ phase: PlanPhase, at now: Timestamp = start) {
  guard var plan = resource.status.plan else { return }
  plan.phase = phase
  plan.endedAt = now
  if phase == .failed {
    plan.failedTaskIndex = 0
    plan.failedTaskDetail = "first: Broken: it is broken"
    if !plan.failedPhase.isEmpty { resource.status.phase = plan.failedPhase }
  }
  if phase == .complete, !plan.targetPhase.isEmpty { resource.status.phase = plan.targetPhase }
  resource.status.plan = plan
}
