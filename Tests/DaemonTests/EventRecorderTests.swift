import Model
import Storage
import Testing

@testable import Daemon

@Suite("Events are counted, bounded, and go with their resource")
struct EventRecorderTests {
  private func event(
    _ message: String, of uid: String = "u1", at moment: Int64 = 0
  ) -> Event {
    Event(
      subject: ObjectKey(kind: "Box", namespace: "default", name: "box"), subjectUID: uid,
      severity: .warning, reason: .taskRefused, message: message, plan: "grow", task: "grow",
      at: Timestamp(milliseconds: moment))
  }

  private func stored(_ fixture: EngineFixture, owner: String? = nil) async throws -> [Event] {
    try await fixture.store.list(ObjectFilter(kind: Event.kind, owner: owner)).objects
      .map { try Event($0) }
  }

  @Test("the same news count, at once and over restarts of the host, between first and last time")
  func counting() async throws {
    let fixture = try EngineFixture()
    let first = EventRecorder(environment: fixture.environment())
    for moment: Int64 in [10, 20, 30] { await first.record([event("busy", at: moment)]) }
    await first.drain()
    let second = EventRecorder(environment: fixture.environment())
    await second.record([event("busy", at: 40), event("full", at: 50)])
    await second.drain()
    let events = try await stored(fixture, owner: "u1").sorted { $0.message < $1.message }
    #expect(events.map(\.message) == ["busy", "full"])
    #expect(events.map(\.count) == [4, 1])
    #expect(events[0].firstAt.milliseconds == 10)
    #expect(events[0].lastAt.milliseconds == 40)
    #expect(await second.unwritten == 0)
  }

  @Test("one subject's events are bounded: what happened last longest ago goes first")
  func bound() async throws {
    let fixture = try EngineFixture()
    let recorder = EventRecorder(environment: fixture.environment(seed: 3))
    await recorder.record([event("other", of: "u2")])
    for number: Int64 in 100..<180 {
      await recorder.record([event("m\(number)", at: number)])
      // Again and again: it happened last a moment ago.
      await recorder.record([event("m100", at: number)])
      if number % 7 == 0 { await recorder.drain() }
    }
    await recorder.drain()
    let events = try await stored(fixture, owner: "u1")
    #expect(events.count == EventRecorder.subjectLimit)
    #expect(events.contains { $0.message == "m100" && $0.count == 81 })
    #expect(events.contains { $0.message == "m179" })
    #expect(!events.contains { $0.message == "m101" })
    #expect(try await stored(fixture, owner: "u2").count == 1)
  }

  @Test("what is taken for a resource's first news is counted and bounded with what was there")
  func first() async throws {
    let fixture = try EngineFixture()
    let earlier = EventRecorder(environment: fixture.environment())
    await earlier.record([event("m0"), event("hidden")])
    await earlier.drain()
    let recorder = EventRecorder(environment: fixture.environment())
    for number: Int64 in 0..<50 {
      await recorder.record([event("m\(number)", at: number)], areFirst: number == 0)
      await recorder.drain()
      let events = try await stored(fixture, owner: "u1")
      #expect(events.count <= EventRecorder.subjectLimit)
      #expect(events.contains { $0.message == "m\(number)" })
      if number == 0 { #expect(events.first { $0.message == "m0" }?.count == 2) }
    }
    #expect(try await stored(fixture, owner: "u1").count == EventRecorder.subjectLimit)
  }

  @Test("a plugin's events have no owner and a bound of their own")
  func plugins() async throws {
    let fixture = try EngineFixture()
    let recorder = EventRecorder(environment: fixture.environment())
    let subject = ObjectKey(kind: Event.pluginSubject, namespace: "default", name: "boxes")
    for number in 0..<40 {
      await recorder.record([
        Event(
          subject: subject, subjectUID: "", severity: .warning, reason: .pluginCrashed,
          message: "exited with code \(number)", at: Timestamp(milliseconds: Int64(number)))
      ])
      await recorder.drain()
    }
    let events = try await stored(fixture)
    #expect(events.count == EventRecorder.subjectLimit)
    #expect(events.allSatisfy { $0.subjectUID.isEmpty && $0.subject == subject })
  }

  @Test("what a resource's events were is gone before the resource is, however they fall")
  func forgetting() async throws {
    for seed: UInt64 in 1...8 {
      let fixture = try EngineFixture()
      let recorder = EventRecorder(environment: fixture.environment(seed: seed))
      for number in 0..<20 {
        await recorder.record([event("m\(number)"), event("m\(number)", of: "u2")])
      }
      try await recorder.forget("u1")
      #expect(try await stored(fixture, owner: "u1").isEmpty)
      await recorder.drain()
      #expect(try await stored(fixture, owner: "u1").isEmpty)
      #expect(try await stored(fixture, owner: "u2").count == 20)
    }
  }

  @Test("a drain that is given up on leaves what waits countable")
  func drainCancelled() async throws {
    let fixture = try EngineFixture()
    let recorder = EventRecorder(environment: fixture.environment())
    fixture.store.close()
    await recorder.record([event("lost")])
    let drain = Task { await recorder.drain() }
    drain.cancel()
    await drain.value
    #expect(await recorder.unwritten == 1)
  }
}
