import JSON
import PluginSDK
import Testing

@testable import Workload

@Suite("replace-pod and observe-image")
struct ReplacePodTests {
  private let replace = ReplacePod()
  private let params = ReplacePod.Params(name: "cache")
  private let observe = ObserveImage()
  private let observeParams = ObserveImage.Params(name: "cache")

  private static func updated(_ replicas: Int64 = 1) -> [Gate.Clause] {
    Gate.all(.committed(Sample.set), .atLeast(Sample.set, "updatedReplicas", .integer(replicas)))
      .clauses
  }

  @Test("pods that are of the revision already are left alone, at once")
  func nothingToDo() async throws {
    let context = Sample.context(Sample.statefulSet("new"))
    #expect(try await replace.execute(params, context).outputs?.replaced == 0)
  }

  @Test("each pod of another revision is evicted by its uid, though it is not ready")
  func evicts() async throws {
    let context = Sample.context(Sample.statefulSet("old", "new", "older", replicas: 3))
    let wait = try await replace.execute(params, context).asWait
    #expect(
      wait?.set == [
        IntentWrite(Sample.eviction("cache-0"), spec: ["podUID": "old-0"]),
        IntentWrite(Sample.eviction("cache-2"), spec: ["podUID": "older-2"]),
      ])
    #expect(wait?.remove == [])
    #expect(
      wait?.gate.clauses == [
        .init(Sample.eviction("cache-0"), .committed),
        .init(Sample.eviction("cache-2"), .committed),
      ] + Self.updated(3))
    #expect(try await replace.execute(params, context).asWait == wait, "the same every time")
  }

  @Test("the next step counts what was replaced, and goes on where a pod is still old")
  func counts() async throws {
    let eviction = Sample.committed(Sample.eviction("cache-0"), spec: ["podUID": "old-0"], [:])
    let done = Sample.context(step: 2, Sample.statefulSet("new"), eviction)
    #expect(try await replace.execute(params, done).outputs?.replaced == 1)
    let again = Sample.context(step: 2, Sample.statefulSet("old"), eviction)
    #expect(
      try await replace.execute(params, again).asWait?.set
        == [IntentWrite(Sample.eviction("cache-0"), spec: ["podUID": "old-0"])])
  }

  @Test("evictions of an earlier update go with the first step, and count no more")
  func stale() async throws {
    let other = Sample.committed(Sample.eviction("cache-9"), spec: ["podUID": "x"], [:])
    let context = Sample.context(Sample.statefulSet("old"), other)
    #expect(try await replace.execute(params, context).asWait?.remove == [other.key])
  }

  @Test("a successor that is not there yet is waited for")
  func successor() async throws {
    let context = Sample.context(step: 2, Sample.statefulSet())
    let wait = try await replace.execute(params, context).asWait
    #expect(wait?.set == [])
    #expect(wait?.gate.clauses == Self.updated())
  }

  @Test("what was observed of an earlier declaration is not looked at")
  func outdatedObservation() async throws {
    let context = Sample.context(Sample.statefulSet("new", generation: 2, observed: 1))
    let gate = Gate.all(
      .committed(Sample.set), .atLeast(Sample.set, "observedGeneration", 2))
    #expect(try await replace.execute(params, context).asWait == Wait(until: gate))
    #expect(try await observe.execute(observeParams, context).asWait == Wait(until: gate))
  }

  @Test("observe-image waits for updated pods, not for ready ones, and asks anew first")
  func observes() async throws {
    let set = Sample.statefulSet("new")
    let wait = try await observe.execute(observeParams, Sample.context(set)).asWait
    #expect(wait?.gate.clauses == Self.updated())
    let outputs = try await observe.execute(observeParams, Sample.context(step: 2, set)).outputs
    #expect(
      outputs
        == ObserveImage.Outputs(image: "redis:7.0", sidecarImage: "sidecar:1.0", revision: "new"))
    let old = Sample.context(step: 2, Sample.statefulSet("old"))
    #expect(try await observe.execute(observeParams, old).asWait?.gate.clauses == Self.updated())
  }
}
