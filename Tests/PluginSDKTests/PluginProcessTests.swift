import Glibc
import JSON
import LinuxSystem
import PluginProto
import TTRPC
import TestPlaces
import Testing

@testable import PluginSDK

@Suite(.timeLimit(.minutes(10))) struct PluginProcessTests {
  private func withLoop(
    _ body: (String, EventLoop) async throws -> Void
  ) async throws {
    let loop = try EventLoop.startThread("host")
    defer { loop.stop() }
    try await withDirectory { try await body($0, loop) }
  }

  @Test("the example plugin does its work and replays it after kill -9, without doing it again")
  func replay() async throws {
    try await withLoop { directory, loop in
      let params: JSONValue = ["path": "\(directory)/out", "content": "first"]
      let first = try await PluginProcess.start(in: directory, on: loop)
      let outcome = try await first.call("write-file", params)
      #expect(outcome == .complete(.init(outputs: Array("{}".utf8))))
      #expect(try FileSystem.read("\(directory)/out") == Array("first".utf8))
      try await first.kill()
      try FileSystem.remove("\(directory)/out")
      let second = try await PluginProcess.start(in: directory, on: loop)
      #expect(try await second.recover("write-file", params).state == .finished)
      #expect(try await second.call("write-file", params) == outcome)
      #expect(try FileSystem.status("\(directory)/out") == nil)
      try await second.kill()
    }
  }

  @Test("the example's waiting task goes on across kill -9 and ends by an update")
  func goesOn() async throws {
    try await withLoop { directory, loop in
      let params: JSONValue = ["path": "\(directory)/awaited"]
      let first = try await PluginProcess.start(in: directory, on: loop)
      #expect(try await first.call("await-file", params) == .running(.init()))
      try await first.kill()
      let second = try await PluginProcess.start(in: directory, on: loop)
      #expect(try await second.recover("await-file", params).state == .running)
      try AtomicFile.write("12345".utf8, to: "\(directory)/awaited")
      let updates = try await second.client.call(PluginV1.Plugin.updates, .init(waitMS: 60_000))
      #expect(
        updates.tasks.map(\.reply?.outcome)
          == [.complete(.init(outputs: Array("{}".utf8)))])
      try await second.kill()
    }
  }

  @Test("one that is started by hand says in one line what it lacks, and how to debug it")
  func byHand() async throws {
    try await withLoop { _, loop in
      let errors = try Pipe()
      let process = try spawn(
        ProcessSpec(
          .path(BuiltProducts.path("files-plugin")), arguments: ["files-plugin"], environment: [:],
          descriptors: [.init(errors.writeEnd, as: STDERR_FILENO)]))
      try await loop.waitReadable(process.pidfd.descriptor.number)
      #expect(try process.pidfd.reap() == .exited(code: 1))
      let said = String(decoding: try errors.readEnd.read(upTo: 4096), as: UTF8.self)
      #expect(said.hasPrefix("files: MORTISE_LISTEN_FD is not set"))
      #expect(said.contains("--socket PATH"))
      #expect(said.split(separator: "\n").count == 1)
    }
  }

  @Test("a plugin exits cleanly when told to, when its host is gone, and on SIGTERM")
  func exits() async throws {
    try await withLoop { directory, loop in
      let told = try await PluginProcess.start(in: directory, on: loop)
      _ = try await told.client.call(PluginV1.Plugin.shutdown, .init(graceMS: 10_000))
      #expect(try await told.ended() == .exited(code: 0))
      let orphaned = try await PluginProcess.start(in: directory, on: loop)
      orphaned.liveness.close()
      #expect(try await orphaned.ended() == .exited(code: 0))
      let terminated = try await PluginProcess.start(in: directory, on: loop)
      _ = try terminated.process.pidfd.signal(SIGTERM)
      #expect(try await terminated.ended() == .exited(code: 0))
    }
  }

  @Test("started without a host, a plugin says what it needs")
  func launch() {
    let none: (String) -> String? = { _ in nil }
    let error = #expect(throws: PluginLaunchError.self) {
      try PluginLaunch(arguments: ["p"], environment: none)
    }
    #expect(error?.description.contains("--socket") == true)
    #expect(throws: PluginLaunchError.self) {
      try PluginLaunch(arguments: ["p", "--what"], environment: none)
    }
    #expect(throws: PluginLaunchError.self) {
      try PluginLaunch(arguments: ["p"], environment: { _ in "stdin" })
    }
  }

  @Test("the guide shows the example as it is built")
  func guide() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let guide = try FileSystem.read(root + "/docs/plugin-authors.md")
    let example = try FileSystem.read(root + "/examples/files-plugin/main.swift")
    let block = "```swift\n" + String(decoding: example, as: UTF8.self) + "```"
    #expect(String(decoding: guide, as: UTF8.self).contains(block))
  }
}
