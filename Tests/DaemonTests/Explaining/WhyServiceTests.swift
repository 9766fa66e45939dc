import JSON
import Model
import PluginProto
import Rollout
import Storage
import TTRPC
import Testing

@testable import Daemon

@Suite("What the host looks up to say why", .timeLimit(.minutes(10)))
struct WhyServiceTests {
  private static let moment = Timestamp(milliseconds: 1)

  private func explain(_ name: String, _ kind: String, _ fixture: HostFixture) async throws
    -> Explanation
  {
    let client = try fixture.client()
    defer { client.close() }
    let request = HostV1.WhyRequest(name: HostV1.ObjectName(kind: kind, name: name))
    let reply = try await client.call(HostV1.Host.why, request, timeout: .seconds(300))
    return try Explanation(JSONReader(try JSONValue(parsing: reply.explanation)))
  }

  @Test("a run that waits for a key names the key and who holds it")
  func claims() async throws {
    let fixture = try HostFixture()
    fixture.service.catalog.set(.taskRun)
    var plan = Plan.growing { task in
      task.phase = TaskPhase(name: "grow", isRevertible: true, exclusiveKeys: ["free", "group/a"])
      task.park(.keyHeld)
    }
    plan.admittedAt = nil
    var run = Resource(
      apiVersion: APIVersion.current, kind: TaskRun.kind,
      metadata: ObjectMeta(name: "one", uid: "uid-1"), spec: ["type": "grow-box"])
    run.status.plan = plan
    let other = IntentOwner(
      resource: ObjectKey(kind: TaskRun.kind, namespace: "lab", name: "two"), uid: "uid-2")
    let own = IntentOwner(resource: run.key, uid: "uid-1")
    let store = fixture.engine.store
    _ = try await store.create(run.stored)
    _ = try await store.create(Claim(key: "group/a", holder: other, since: Self.moment).stored)
    _ = try await store.create(Claim(key: "free", holder: own, since: Self.moment).stored)
    let explanation = try await explain("one", "taskrun", fixture)
    #expect(explanation.waits.map(\.subject) == ["key group/a"])
    #expect(explanation.waits.map(\.holder) == ["taskrun/two -n lab"])
  }

  @Test("a rollout names the child whose turn goes on, and what that waits for")
  func children() async throws {
    var deployment = Resource(
      apiVersion: APIVersion.current, kind: NodeDeployment.kind,
      metadata: ObjectMeta(name: "shop", uid: "uid-shop"),
      spec: ["replicas": 1, "template": ["kind": "Box", "spec": [:]]])
    let spec = try RolloutSpec(deployment.spec)
    var status = RolloutStatus()
    _ = status.resolve(
      spec, isPaused: false, retry: nil, tally: ChildTally(), at: Self.moment)
    deployment.status.fields["rollout"] = status.json
    var child = Situation.box.resource
    child.metadata.name = "shop-0"
    child.metadata.childRecord = ChildRecord(
      attempt: 1, revision: 1, onFailure: .halt, generation: 0, after: "", startedAt: Self.moment)
    child.status.plan = .growing { $0.park(.operatorHold, "held by an operator") }
    var board = ChildBoard()
    board.begin(attempt: 1, revision: 1, replicas: 1)
    board.set(0, ChildSeat(child, template: nil, spec.rules, at: Self.moment))
    let followed = FollowedRollout(deployment, spec, status)
    let fixture = try HostFixture(rollout: { [board] _ in (board, followed.identity) })
    if let blueprint = Situation.box.blueprint { fixture.service.catalog.set(blueprint) }
    _ = try await fixture.engine.store.create(deployment.stored)
    _ = try await fixture.engine.store.create(child.stored)
    let explanation = try await explain("shop", "nodedeployment", fixture)
    #expect(explanation.waits.map(\.subject) == ["box/shop-0"])
    #expect(explanation.waits.first?.message.contains("held by an operator") == true)
  }

  @Test(
    "what has no plan is refused, with whom to ask",
    arguments: ["blueprint", "intent", "event", "claim"])
  func waitless(kind: String) async throws {
    let fixture = try HostFixture()
    let error = await #expect(throws: RPCError.self) {
      _ = try await explain("x", kind, fixture)
    }
    #expect(error?.reason == "WaitsForNothing")
    #expect(error?.message.contains("ask about the resource") == true)
  }
}
