import @Type@
import JSON
import LinuxSystem
import PluginTesting
import Testing

@Suite struct GreetTests {
  @Test("a greeting is written at once")
  func atOnce() async throws {
    let bench = try await PluginBench([Greet()])
    let answer = try await bench.execute(
      "@name@-greet", ["file": "\(bench.scratch)/a", "name": "World"])
    #expect(answer == .complete(outputs: ["greeting": "Hello, World!"]))
    await bench.close()
  }

  @Test("a greeting is written after a while, on a clock that the test moves")
  func later() async throws {
    let bench = try await PluginBench([Greet()])
    let answer = try await bench.execute(
      "@name@-greet", ["file": "\(bench.scratch)/a", "name": "World", "seconds": 60])
    guard case .running = answer else {
      Issue.record("the task did not go on after the call")
      return
    }
    await bench.time.waitForSleepers()
    bench.time.advance(by: .seconds(60))
    #expect(try await bench.end() == .complete(outputs: ["greeting": "Hello, World!"]))
    await bench.close()
  }

  @Test("after a crash the file tells whether the greeting was written")
  func recovered() async throws {
    let bench = try await PluginBench([Greet()])
    let params: JSONValue = ["file": "\(bench.scratch)/a", "name": "World", "seconds": 60]
    for id in ["before", "after"] {
      _ = try await bench.execute("@name@-greet", params, id: id)
    }
    try await bench.restart()
    #expect(try await bench.recover("@name@-greet", params, id: "before") == .notStarted)
    try AtomicFile.write("Hello, World!".utf8, to: "\(bench.scratch)/a")
    #expect(
      try await bench.recover("@name@-greet", params, id: "after")
        == .finished(.complete(outputs: ["greeting": "Hello, World!"])))
    await bench.close()
  }
}
