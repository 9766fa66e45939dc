import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSDK

/// How steps end that do not simply complete.
@Suite struct TaskEndTests {
  private let recorder = Recorder()
  private let done = PluginV1.TaskReply.Outcome.complete(
    .init(outputs: Array(#"{"done":true}"#.utf8)))

  private func withPlugin(
    _ step: @escaping Scripted.Step, _ body: (PluginHarness, String) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      let plugin = try PluginHarness(tasks: [Scripted(recorder: recorder, step: step)])
      try await plugin.start(directory)
      do { try await body(plugin, directory) } catch {
        await plugin.stop()
        throw error
      }
      await plugin.stop()
    }
  }

  @Test(
    "what a task throws becomes its failure",
    arguments: [
      (
        TaskFailure.transient("Busy", "later", retryAfter: .milliseconds(1500)),
        PluginV1.Failed(reason: "Busy", message: "later", transient: true, retryAfterMS: 1500)
      ),
      (TaskFailure.terminal("Broken", "for good"), .init(reason: "Broken", message: "for good")),
      (
        SystemError(code: 2, call: "open", subject: "/x"),
        .init(
          reason: "UnhandledError",
          message: SystemError(code: 2, call: "open", subject: "/x").description)
      ),
      (CancellationError(), .init(reason: "Cancelled", message: "the task was cancelled")),
    ] as [(any Error, PluginV1.Failed)])
  func thrown(_ error: any Error, _ expected: PluginV1.Failed) async throws {
    let step: Scripted.Step = { _, _ in throw error }
    try await withPlugin(step) { plugin, _ async throws in
      #expect(try await plugin.execute("scripted") == .failed(expected))
      // A failure is an outcome: it is replayed.
      #expect(try await plugin.execute("scripted") == .failed(expected))
    }
    #expect(recorder.all.count == 1)
  }

  @Test("a refusal promises that nothing was done, so the same call runs again")
  func refused() async throws {
    let away = TaskRefusal(.unavailable, reason: "Away", message: "m")
    let step: Scripted.Step = { [recorder] _, _ in
      if recorder.all.count == 1 { throw away }
      if recorder.all.count == 2 { throw TaskRefusal(.notYet, reason: "Early", message: "m") }
      return .complete(["done": true])
    }
    try await withPlugin(step) { plugin, _ async throws in
      #expect(await reason { try await plugin.execute("scripted") } == "UNAVAILABLE Away")
      #expect(try await plugin.recover("scripted").state == .notStarted)
      #expect(
        await reason { try await plugin.execute("scripted") } == "FAILED_PRECONDITION Early")
      #expect(try await plugin.execute("scripted") == done)
    }
    #expect(recorder.all.count == 3)
  }

  @Test("work that goes on after the call is shown, ends by an update, and is remembered")
  func goesOn() async throws {
    let release = Promise<Void>()
    let step: Scripted.Step = { _, context in
      .running(handle: [7], progress: Progress("begun", percent: 1)) {
        context.updates.report(Progress("half", percent: 50))
        try await release.value()
        return .complete(["done": true])
      }
    }
    try await withPlugin(step) { plugin, directory in
      let begun = PluginV1.Running(handle: [7], progress: .init(message: "begun", percent: 1))
      #expect(try await plugin.execute("scripted") == .running(begun))
      let half = try await plugin.updates()
      #expect(half.tasks.count == 1)
      #expect(
        half.tasks.first?.reply?.outcome
          == .running(.init(handle: [7], progress: .init(message: "half", percent: 50))))
      #expect(try await plugin.recover("scripted").state == .running)
      release.fulfill(())
      let end = try await plugin.updates(after: half.cursor)
      #expect(end.tasks.map(\.reply?.outcome) == [done])
      #expect(try records(in: directory).count == 3)
      #expect(try await plugin.execute("scripted") == done)
    }
    #expect(recorder.all.count == 1)
  }

  @Test("a task that the author ends himself ends once, whichever of two ends comes first")
  func finishedByAuthor() async throws {
    let step: Scripted.Step = { _, context in
      context.updates.finish(outputs: ["done": true])
      context.updates.fail(.terminal("TooLate", "m"))
      return .running(handle: [1])
    }
    try await withPlugin(step) { plugin, _ in
      // The end may overtake the answer `running`; either way it is what stays.
      let outcome = try await plugin.execute("scripted")
      if outcome != done {
        #expect(outcome == .running(.init(handle: [1])))
        #expect(try await plugin.updates().tasks.map(\.reply?.outcome) == [done])
      }
      #expect(try await plugin.recover("scripted").reply?.outcome == done)
    }
  }

  @Test("work that is left to a step which its author has ended is not begun")
  func endedBeforeWork() async throws {
    let step: Scripted.Step = { [recorder] _, context in
      context.updates.finish(outputs: ["done": true])
      // The end is taken in on the loop before this goes on.
      try await context.sleep(.zero)
      return .running {
        recorder.record("work")
        return .complete([:])
      }
    }
    try await withPlugin(step) { plugin, _ async throws in
      #expect(try await plugin.execute("scripted") == done)
      // A further step of the same task ends after all that the first one left behind.
      #expect(try await plugin.execute("scripted", step: 2) == done)
    }
    #expect(recorder.all == ["execute t/1/1", "execute t/1/2"])
  }

  @Test("cancelling a task cancels the code that runs, in the call and after it")
  func cancelled() async throws {
    let entered = Promise<Void>()
    let step: Scripted.Step = { params, _ in
      let work: @Sendable () async throws -> TaskOutcome<JSONValue> = {
        entered.fulfill(())
        try await Promise<Void>().value()
        return .complete([:])
      }
      return params["later"] == true ? .running(work: work) : try await work()
    }
    let failed = PluginV1.TaskReply.Outcome.failed(
      .init(reason: "Cancelled", message: "the task was cancelled"))
    try await withPlugin(step) { plugin, _ in
      async let outcome = plugin.execute("scripted")
      try await entered.value()
      _ = try await plugin.client.call(PluginV1.Tasks.cancel, .init(taskID: "t", attempt: 2))
      _ = try await plugin.client.call(PluginV1.Tasks.cancel, .init(taskID: "t", attempt: 1))
      #expect(try await outcome == failed)
      _ = try await plugin.execute("scripted", ["later": true], id: "u")
      _ = try await plugin.client.call(PluginV1.Tasks.cancel, .init(taskID: "u", attempt: 1))
      #expect(try await plugin.updates().tasks.map(\.reply?.outcome) == [failed])
    }
  }

  @Test("a forgotten task leaves nothing in the journal")
  func forgotten() async throws {
    let step: Scripted.Step = { _, _ in .complete([:]) }
    try await withPlugin(step) { plugin, directory in
      for id in ["a", "b", "c"] { _ = try await plugin.execute("scripted", id: id) }
      _ = try await plugin.client.call(PluginV1.Tasks.forget, .init(taskIDs: ["a", "c", "none"]))
      #expect(try await plugin.recover("scripted", id: "a").state == .notStarted)
      #expect(try await plugin.recover("scripted", id: "b").state == .finished)
      // The next record that is waited for comes after them in the file.
      _ = try await plugin.execute("scripted", id: "d")
      #expect(try records(in: directory).contains(.forgotten(taskID: "c")))
    }
  }

  @Test("a shutdown lets the running step end, refuses new ones, and answers")
  func drained() async throws {
    let entered = Promise<Void>()
    let release = Promise<Void>()
    let step: Scripted.Step = { _, _ in
      entered.fulfill(())
      try await release.value()
      return .complete(["done": true])
    }
    try await withPlugin(step) { plugin, _ in
      async let outcome = plugin.execute("scripted")
      try await entered.value()
      async let poll = plugin.updates()
      async let stopped = plugin.client.call(PluginV1.Plugin.shutdown, .init(graceMS: 60_000))
      // The poll is answered at once when the shutdown begins.
      _ = try await poll
      #expect(
        await reason { try await plugin.execute("scripted", id: "u") }
          == "UNAVAILABLE ShuttingDown")
      release.fulfill(())
      #expect(try await outcome == done)
      _ = try await stopped
      try await plugin.runtime.drained.value()
    }
  }

  @Test("a shutdown does not wait longer than its grace")
  func graceOver() async throws {
    let step: Scripted.Step = { _, _ in .running() }
    try await withPlugin(step) { plugin, _ in
      _ = try await plugin.execute("scripted")
      _ = try await plugin.client.call(PluginV1.Plugin.shutdown, .init(graceMS: 1))
      try await plugin.runtime.drained.value()
    }
  }
}
