import JSON
import PluginProto
import Rollout
import Storage
import TTRPC
import Testing

@testable import Daemon
@testable import Model

@Suite("What a person may ask of a rollout")
struct RolloutControlTests {
  private static let key = ObjectKey(
    kind: NodeDeployment.kind, namespace: "default", name: "shop")

  /// A deployment as its passes left it: a first revision, a second one, and how that attempt stands.
  private static func deployment(
    _ state: RolloutState?, onFailure: FailurePolicy = .halt, revisions: Int = 2
  ) throws -> Resource {
    var status = RolloutStatus()
    var spec = try spec("a", onFailure)
    let now = Timestamp(milliseconds: 1)
    for image in state == nil ? [] : ["a", "b"].prefix(revisions) {
      spec = try self.spec(image, onFailure)
      _ = status.resolve(
        try RolloutSpec(spec), isPaused: false, retry: nil, tally: ChildTally(), at: now)
    }
    if let state {
      var projection = Projection(ChildTally())
      projection.state = state
      try status.take(projection, ChildTally(), detail: "", at: now)
    }
    var resource = Resource(
      apiVersion: APIVersion.current, kind: key.kind,
      metadata: ObjectMeta(name: key.name, uid: "uid-shop"), spec: spec)
    resource.status.fields["rollout"] = status.json
    return resource
  }

  private static func spec(_ image: String, _ onFailure: FailurePolicy) throws -> JSONValue {
    [
      "replicas": 3, "onFailure": .string(onFailure.text),
      "template": ["kind": "Box", "spec": ["image": .string(image)]],
    ]
  }

  /// Asks of a stored deployment; returns it as it is then.
  private func ask(
    _ action: HostV1.RolloutAction, revision: Int64 = 0, of resource: Resource
  ) async throws -> Resource {
    let fixture = try HostFixture()
    _ = try await fixture.engine.store.create(resource.stored)
    var request = HostV1.ControlRolloutRequest()
    var name = HostV1.ObjectName()
    name.name = Self.key.name
    request.name = name
    request.action = action
    request.revision = revision
    let client = try fixture.client()
    defer { client.close() }
    _ = try await client.call(HostV1.Host.controlRollout, request, timeout: .seconds(300))
    return try Resource(try #require(try await fixture.engine.store.get(Self.key)))
  }

  private func refusal(
    _ action: HostV1.RolloutAction, revision: Int64 = 0, of resource: Resource
  ) async throws -> String {
    do {
      _ = try await ask(action, revision: revision, of: resource)
      Issue.record("it was let through")
      return ""
    } catch let error as RPCError {
      #expect(error.code == .failedPrecondition)
      #expect(error.reason == "RolloutRefused")
      return error.message
    }
  }

  @Test(
    "retry asks for the attempt after the one that ended, by its number",
    arguments: [RolloutState.failed, .cancelled, .stopped, .reverted])
  func retry(state: RolloutState) async throws {
    let asked = try await ask(.retry, of: try Self.deployment(state))
    #expect(asked.metadata.retryRequest == 2)
  }

  @Test(
    "what has not ended, or ended well, is not revived: the refusal names both states",
    arguments: [RolloutState.pending, .running, .complete])
  func noRevival(state: RolloutState) async throws {
    let message = try await refusal(.retry, of: try Self.deployment(state))
    #expect(message.contains(state.rawValue))
    #expect(message.contains("Running"))
  }

  @Test("asked again by who lost the answer, it is answered and changes nothing")
  func again() async throws {
    let requests: [(String, String, FailurePolicy, [HostV1.RolloutAction])] = [
      (ObjectMeta.retryAnnotation, "1", .halt, [.retry]),
      (ObjectMeta.retryAnnotation, "1", .pause, [.retry, .resume]),
      (ObjectMeta.promotionAnnotation, "2", .halt, [.resume]),
    ]
    for (annotation, attempt, policy, actions) in requests {
      for action in actions {
        var begun = try Self.deployment(.running, onFailure: policy)
        begun.metadata.annotate(annotation, attempt)
        let asked = try await ask(action, of: begun)
        #expect(asked.metadata.annotations.map(\.value) == [attempt], "\(action)")
        #expect(asked.metadata.generation == begun.metadata.generation, "\(action)")
      }
    }
    var other = try Self.deployment(.running)
    other.metadata.annotate(ObjectMeta.retryAnnotation, "1")
    #expect(try await refusal(.resume, of: other).contains("nothing holds it"))
  }

  @Test("before the first attempt there is nothing to retry, to resume or to undo")
  func nothingYet() async throws {
    let fresh = try Self.deployment(nil)
    #expect(try await refusal(.retry, of: fresh).contains("no attempt has begun yet"))
    #expect(try await refusal(.undo, of: fresh).contains("no earlier revision"))
  }

  @Test("resume lifts a person's pause")
  func resumePaused() async throws {
    var paused = try Self.deployment(.running)
    var spec = try #require(paused.spec.object)
    spec["paused"] = true
    paused.spec = .object(spec)
    let asked = try await ask(.resume, of: paused)
    #expect(!asked.isPaused)
    #expect(asked.metadata.generation == paused.metadata.generation + 1)
  }

  @Test("resume lets the others follow the canaries of this very attempt")
  func resumeCanary() async throws {
    var held = try Self.deployment(.running)
    held.status.setCondition(
      ConditionType.paused, .isTrue, reason: NodeDeployment.canaryReached, message: "",
      generation: 1, at: Timestamp(milliseconds: 1))
    let asked = try await ask(.resume, of: held)
    #expect(asked.metadata.promotionRequest == 2)
    #expect(asked.metadata.retryRequest == nil)
  }

  @Test("resume begins the next attempt where the policy pause ended this one, and only there")
  func resumeEnded() async throws {
    let asked = try await ask(.resume, of: try Self.deployment(.failed, onFailure: .pause))
    #expect(asked.metadata.retryRequest == 2)
    for policy: FailurePolicy in [.halt, .continue] {
      let message = try await refusal(
        .resume, of: try Self.deployment(.failed, onFailure: policy))
      #expect(message.contains("Failed"))
    }
    let message = try await refusal(.resume, of: try Self.deployment(.running))
    #expect(message.contains("nothing holds it"))
  }

  @Test("undo asks for the template before this one, or for that of a revision that is kept")
  func undo() async throws {
    let deployment = try Self.deployment(.complete)
    for revision in [0, 1] as [Int64] {
      let asked = try await ask(.undo, revision: revision, of: deployment)
      #expect(asked.spec["template"]?["spec"]?["image"]?.string == "a")
      #expect(asked.metadata.generation == deployment.metadata.generation + 1)
    }
    let same = try await ask(.undo, revision: 2, of: deployment)
    #expect(same.metadata.generation == deployment.metadata.generation)
    let message = try await refusal(.undo, revision: 9, of: deployment)
    #expect(message.contains("revision 9 is not kept; kept: 2, 1"))
    #expect(
      try await refusal(.undo, of: try Self.deployment(.complete, revisions: 1))
        .contains("no earlier revision"))
  }
}
