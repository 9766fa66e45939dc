import JSON
import Testing

@testable import Model

/// What the command line and scripts read of the host's answers comes back as it was sent.
@Suite struct ViewMappingTests {
  private let node = ObjectKey(kind: "StatefulNode", namespace: "default", name: "redis")
  private let moment = Timestamp(milliseconds: 1_000_000)

  @Test func anExplanationComesBackWhole() throws {
    let explanation = Explanation(
      resource: node, state: .failed, phase: "Running", summary: "plan update failed",
      since: moment, plan: "update",
      waits: Explanation.Waiting.Cause.allCases.map { cause in
        Explanation.Waiting(
          cause, subject: "StatefulSet default/redis on local", message: "is 0, wants 1",
          observed: ["ready": 0], holder: "plan x", since: moment, until: moment + .seconds(5),
          wakes: "its change")
      },
      failure: Explanation.Failure(
        child: "statefulnode/redis-1", plan: "update", task: "apply",
        error: TaskError(reason: "Refused", message: "no room"), at: moment),
      nextSteps: ["mortise replan statefulnode redis"])
    #expect(try Explanation(JSONReader(explanation.json)) == explanation)
    let bare = Explanation(resource: node, state: .steady, phase: "", summary: "")
    #expect(try Explanation(JSONReader(bare.json)) == bare)
  }

  @Test func aPreviewComesBackWhole() throws {
    let key = IntentKey(target: "local", kind: "Service", key: "default/redis")
    let preview = PlanPreview(resources: [
      ResourcePreview(
        resource: node, action: .configure, plan: "update", because: "the image differs",
        target: "local",
        tasks: [
          TaskPreview(
            name: "apply", type: "apply-service", plugin: "workload@1.0.0", isRevertible: false,
            params: ["port": 6379],
            intents: [
              IntentPreview(
                key: key, action: .change,
                differences: [.init(path: "port", present: .null, planned: 6379)])
            ], note: "its outputs are not known"),
          TaskPreview(name: "bare", type: "bare"),
        ]),
      ResourcePreview(resource: node, action: .unchanged, because: "nothing differs"),
    ])
    #expect(try PlanPreview(JSONReader(preview.json)) == preview)
  }

  @Test func anEventComesBackWholeAndTheSameNewsHaveTheSameKey() throws {
    func failure(of uid: String, _ message: String) -> Event {
      Event(
        subject: node, subjectUID: uid, severity: .warning, reason: .planFailed,
        message: message, plan: "update", task: "apply", at: moment)
    }
    var event = failure(of: "uid-1", "no room")
    let key = event.objectKey
    event.count = 7
    event.lastAt = moment + .seconds(60)
    event.uid = "uid-2"
    #expect(event.objectKey == key)
    #expect(event.stored.owner == "uid-1")
    #expect(try Event(event.stored) == event)
    #expect(failure(of: "uid-1", "no room").objectKey == key)
    #expect(failure(of: "uid-1", "no room at all").objectKey != key)
    #expect(failure(of: "uid-3", "no room").objectKey != key)
  }
}
