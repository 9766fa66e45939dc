import JSON
import LinuxSystem
import PluginProto
import TTRPC
import Testing

@testable import PluginSDK

@Suite struct ExternalTaskTests {
  private let recorder = Recorder()
  private let done = PluginV1.TaskReply.Outcome.complete(
    .init(outputs: Array(#"{"done":true}"#.utf8)))

  /// Runs a plugin with the scripted task in a fresh directory.
  private func withPlugin(
    _ task: Scripted, _ body: (PluginHarness, String) async throws -> Void
  ) async throws {
    try await withDirectory { directory in
      let plugin = try PluginHarness(tasks: [task])
      try await plugin.start(directory)
      do { try await body(plugin, directory) } catch {
        await plugin.stop()
        throw error
      }
      await plugin.stop()
    }
  }

  @Test("the begin is on disk before the task's code runs, the outcome before the host is told")
  func journalled() async throws {
    let seen = Recorder()
    let directoryOf = Promise<String>()
    let task = Scripted(recorder: recorder) { _, _ in
      let records = try records(in: await directoryOf.value())
      seen.record("\(records == [.begun(StepKey(taskID: "t", attempt: 1, step: 1))])")
      return .complete(["done": true])
    }
    try await withPlugin(task) { plugin, directory async throws in
      directoryOf.fulfill(directory)
      #expect(try await plugin.execute("scripted") == done)
      let reply = PluginV1.TaskReply(outcome: done).serialized()
      let key = StepKey(taskID: "t", attempt: 1, step: 1)
      #expect(try records(in: directory) == [.begun(key), .replied(key, reply: reply)])
    }
    #expect(seen.all == ["true"])
  }

  @Test("a finished step is replayed without running again, by Execute and by Recover")
  func replayed() async throws {
    try await withPlugin(Scripted(recorder: recorder)) { plugin, _ in
      #expect(try await plugin.execute("scripted") == done)
      #expect(try await plugin.execute("scripted") == done)
      let recovered = try await plugin.recover("scripted")
      #expect(recovered.state == .finished)
      #expect(recovered.reply?.outcome == done)
    }
    #expect(recorder.all == ["execute t/1/1"])
  }

  @Test("a finished step is replayed by the plugin's next process")
  func replayedAfterRestart() async throws {
    try await withDirectory { directory in
      let first = try PluginHarness(tasks: [Scripted(recorder: recorder)])
      try await first.start(directory)
      #expect(try await first.execute("scripted") == done)
      let copy = try restart(directory)
      let second = try PluginHarness(tasks: [Scripted(recorder: recorder)])
      try await second.start(copy)
      #expect(try await second.recover("scripted").state == .finished)
      #expect(try await second.execute("scripted") == done)
      await first.stop()
      await second.stop()
    }
    #expect(recorder.all == ["execute t/1/1"])
  }

  @Test("each step, attempt and task runs for itself")
  func keys() async throws {
    try await withPlugin(Scripted(recorder: recorder)) { plugin, _ in
      _ = try await plugin.execute("scripted")
      _ = try await plugin.execute("scripted", step: 2)
      _ = try await plugin.execute("scripted", attempt: 2)
      _ = try await plugin.execute("scripted", id: "u")
      #expect(
        await reason { try await plugin.execute("scripted", attempt: 1) }
          == "FAILED_PRECONDITION StaleAttempt")
    }
    #expect(
      recorder.all == ["execute t/1/1", "execute t/1/2", "execute t/2/1", "execute u/1/1"])
  }

  @Test("calls for a step that runs join it")
  func joined() async throws {
    let entered = Promise<Void>()
    let release = Promise<Void>()
    let task = Scripted(recorder: recorder) { _, _ in
      entered.fulfill(())
      try await release.value()
      return .complete(["done": true])
    }
    try await withPlugin(task) { plugin, _ in
      async let first = plugin.execute("scripted")
      try await entered.value()
      let recovered = try await plugin.recover("scripted")
      #expect(recovered.state == .running)
      async let second = plugin.execute("scripted")
      // The long poll proves that the plugin has taken in what was sent before it.
      _ = try await plugin.updates(waitMS: 0)
      release.fulfill(())
      #expect(try await [first, second] == [done, done])
      // Recover said "running", so the end comes as an update too.
      let update = try await plugin.updates()
      #expect(update.tasks.map(\.reply?.outcome) == [done])
    }
    #expect(recorder.all == ["execute t/1/1"])
  }

  @Test("a dropped connection loses nothing: the step ends and is found")
  func dropped() async throws {
    let entered = Promise<Void>()
    let release = Promise<Void>()
    let task = Scripted(recorder: recorder) { _, _ in
      entered.fulfill(())
      try await release.value()
      return .complete(["done": true])
    }
    try await withPlugin(task) { plugin, _ in
      let other = try plugin.connect()
      _ = try await other.call(PluginV1.Plugin.handshake, .init(protocolMajors: [1], hostEpoch: 1))
      let call = plugin.loop.spawn {
        _ = try? await other.call(
          PluginV1.Tasks.execute,
          .init(taskID: "t", attempt: 1, step: 1, type: "scripted", params: Array("{}".utf8)))
      }
      try await entered.value()
      other.close()
      await call.value
      #expect(try await plugin.recover("scripted").state == .running)
      release.fulfill(())
      #expect(try await plugin.updates().tasks.map(\.reply?.outcome) == [done])
      #expect(try await plugin.recover("scripted").reply?.outcome == done)
    }
    #expect(recorder.all == ["execute t/1/1"])
  }

  @Test("a step that never began is not started, and nobody is asked")
  func notStarted() async throws {
    try await withPlugin(Scripted(recorder: recorder)) { plugin, _ async throws in
      #expect(try await plugin.recover("scripted").state == .notStarted)
    }
    #expect(recorder.all.isEmpty)
  }

  @Test("a step that an earlier process began and did not end is for the type to judge")
  func unknown() async throws {
    try await withDirectory { directory in
      let key = StepKey(taskID: "t", attempt: 1, step: 1)
      try AtomicFile.write(frames([.begun(key)]), to: directory + "/journal")
      let plugin = try PluginHarness(tasks: [Scripted(recorder: recorder)])
      try await plugin.start(directory)
      #expect(try await plugin.recover("scripted").state == .unknown)
      // The host decided to run it again.
      #expect(try await plugin.execute("scripted") == done)
      await plugin.stop()
    }
    #expect(recorder.all == ["recover t handle []", "execute t/1/1"])
  }

  @Test("what the type recovered is remembered")
  func recovered() async throws {
    try await withDirectory { directory in
      let key = StepKey(taskID: "t", attempt: 1, step: 1)
      try AtomicFile.write(frames([.begun(key)]), to: directory + "/journal")
      let task = Scripted(
        recorder: recorder, recovery: { _, _ in .finished(.complete(["done": true])) })
      let plugin = try PluginHarness(tasks: [task])
      try await plugin.start(directory)
      #expect(try await plugin.recover("scripted").state == .finished)
      #expect(try await plugin.recover("scripted").reply?.outcome == done)
      #expect(try await plugin.execute("scripted") == done)
      await plugin.stop()
    }
    #expect(recorder.all == ["recover t handle []"])
  }

  @Test("a step that the type knows was not started is withdrawn")
  func recoveredNotStarted() async throws {
    try await withDirectory { directory in
      let key = StepKey(taskID: "t", attempt: 1, step: 1)
      try AtomicFile.write(frames([.begun(key)]), to: directory + "/journal")
      let task = Scripted(recorder: recorder, recovery: { _, _ in .notStarted })
      let plugin = try PluginHarness(tasks: [task])
      try await plugin.start(directory)
      #expect(try await plugin.recover("scripted").state == .notStarted)
      #expect(try records(in: directory) == [.begun(key), .withdrawn(key)])
      await plugin.stop()
    }
  }

  @Test("a task that went on in an earlier process is taken up by its handle")
  func takenUp() async throws {
    try await withDirectory { directory in
      let key = StepKey(taskID: "t", attempt: 1, step: 1)
      let running = PluginV1.TaskReply.running(handle: [4, 2], nil)
      try AtomicFile.write(
        frames([.begun(key), .replied(key, reply: running.serialized())]),
        to: directory + "/journal")
      let task = Scripted(
        recorder: recorder,
        recovery: { handle, _ in
          .finished(.running(handle: handle) { .complete(["done": true]) })
        })
      let plugin = try PluginHarness(tasks: [task])
      try await plugin.start(directory)
      let recovered = try await plugin.recover("scripted")
      #expect(recovered.state == .running)
      #expect(recovered.reply == running)
      #expect(try await plugin.updates().tasks.map(\.reply?.outcome) == [done])
      #expect(try await plugin.recover("scripted").state == .finished)
      await plugin.stop()
    }
    #expect(recorder.all == ["recover t handle [4, 2]"])
  }

  @Test("a recover that throws is asked again later, one that fails the task fails it")
  func recoverThrows() async throws {
    try await withDirectory { directory in
      let key = StepKey(taskID: "t", attempt: 1, step: 1)
      try AtomicFile.write(frames([.begun(key)]), to: directory + "/journal")
      let task = Scripted(
        recorder: recorder,
        recovery: { handle, _ in
          if handle.isEmpty { throw TaskRefusal(.unavailable, reason: "Away", message: "m") }
          throw TaskFailure.transient("Broken", "m")
        })
      let plugin = try PluginHarness(tasks: [task])
      try await plugin.start(directory)
      #expect(await reason { try await plugin.recover("scripted") } == "UNAVAILABLE Away")
      let failed = try await plugin.recover("scripted", handle: [1])
      #expect(failed.state == .finished)
      #expect(
        failed.reply?.outcome
          == .failed(.init(reason: "Broken", message: "m", transient: true)))
      await plugin.stop()
    }
  }

  /// A copy of the state as a crash at this moment would leave it: the first process still runs.
  private func restart(_ directory: String) throws -> String {
    let copy = directory + "/after-crash"
    try FileSystem.makeDirectories(copy)
    try AtomicFile.write(try FileSystem.read(directory + "/journal"), to: copy + "/journal")
    return copy
  }
}
