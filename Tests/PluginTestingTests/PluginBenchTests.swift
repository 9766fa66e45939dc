import JSON
import PluginSDK
import PluginTesting
import Testing

/// Waits for a minute, and then says so.
private struct Minute: ExternalTask {
  struct Params: Codable { var word: String }
  struct Outputs: Codable { var word: String }
  static let name = "minute"
  static let version = "1.0.0"

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    if params.word == "bad" { throw TaskFailure.terminal("BadWord", "not that one") }
    return .running(handle: [7], progress: Progress("waiting")) {
      try await context.sleep(.seconds(60))
      return .complete(Outputs(word: params.word))
    }
  }

  func recover(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs> {
    handle == [7] ? .finished(try await execute(params, context)) : .unknown
  }
}

/// Sets one intent.
private struct SetFlag: IntentTask {
  static let name = "set-flag"
  static let version = "1.0.0"
  static let intentKinds = ["Flag"]

  func execute(_ params: JSONValue, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    let key = IntentKey("Flag", "default/a")
    return .wait(Wait(set: [IntentWrite(key, spec: [:])], until: .committed(key)))
  }
}

@Suite("Authors test their task types without processes")
struct PluginBenchTests {
  @Test("a minute passes when the test says so")
  func time() async throws {
    let bench = try await PluginBench([Minute(), SetFlag()])
    #expect(
      try await bench.execute("minute", ["word": "a"]) == .running(handle: [7], message: "waiting"))
    await bench.time.waitForSleepers()
    bench.time.advance(by: .seconds(59))
    #expect(try await bench.recover("minute", ["word": "a"]) == .running)
    bench.time.advance(by: .seconds(1))
    #expect(try await bench.end() == .complete(outputs: ["word": "a"]))
    #expect(
      try await bench.recover("minute", ["word": "a"])
        == .finished(.complete(outputs: ["word": "a"])))
    await bench.close()
  }

  @Test("failures, refused params and intents are seen as a host sees them")
  func answers() async throws {
    let bench = try await PluginBench([Minute(), SetFlag()])
    #expect(
      try await bench.execute("minute", ["word": "bad"])
        == .failed(reason: "BadWord", isTransient: false))
    #expect(try await bench.validate("minute", [:]) == ["params.word is missing"])
    #expect(
      try await bench.execute("set-flag", id: "other")
        == .waiting(set: ["Flag default/a"], remove: []))
    await bench.close()
  }

  @Test("a task is cancelled, and goes on in the next process otherwise")
  func cancelAndRestart() async throws {
    let bench = try await PluginBench([Minute(), SetFlag()])
    _ = try await bench.execute("minute", ["word": "a"])
    try await bench.cancel()
    #expect(try await bench.end() == .failed(reason: "Cancelled", isTransient: false))
    _ = try await bench.execute("minute", ["word": "b"], id: "kept")
    await bench.time.waitForSleepers()
    try await bench.restart()
    #expect(try await bench.recover("minute", ["word": "b"], id: "kept", handle: [7]) == .running)
    await bench.time.waitForSleepers(2)
    bench.time.advance(by: .seconds(60))
    #expect(try await bench.end(id: "kept") == .complete(outputs: ["word": "b"]))
    await bench.close()
  }

  @Test("whoever sleeps is woken in order, and a cancelled sleeper at once")
  func manualTime() async throws {
    let time = ManualTime()
    async let first: Void = time.sleep(for: .seconds(1))
    async let second: Void = time.sleep(for: .seconds(5))
    await time.waitForSleepers(2)
    time.advance(by: .seconds(1))
    try await first
    #expect(time.now == .seconds(1))
    time.advance(by: .seconds(4))
    try await second
    let wasCancelled = await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        do {
          try await time.sleep(for: .seconds(1))
          return false
        } catch {
          return error is CancellationError
        }
      }
      group.cancelAll()
      return await group.next() ?? false
    }
    #expect(wasCancelled)
  }
}
