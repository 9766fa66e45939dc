import Glibc
import LinuxSystem
import Model
import TestPlaces
import Testing

@testable import Storage

@Suite("A killed host loses nothing that it acknowledged")
struct StoreCrashTests {
  /// Another process writes and says what was acknowledged, and is killed in the middle of it,
  /// again and again on the same directory.
  @Test("after kill -9, every acknowledged write is there")
  func kill() async throws {
    let state = try StateDirectory()
    var acknowledged: [String: (count: Int, version: UInt64)] = [:]
    for round in 1...5 {
      let lines = try runAndKill(state, after: 200 * round)
      #expect(lines.first == "epoch \(2 * round - 1)")
      for line in lines.dropFirst() {
        let parts = line.split(separator: " ").map(String.init)
        try #require(parts.count == 3, "\(line)")
        let count = try #require(Int(parts[1]))
        acknowledged[parts[0]] = (count, try #require(UInt64(parts[2])))
      }
      let store = try state.open()
      for (name, last) in acknowledged {
        let found = try #require(try await store.get(key(name, kind: "Counter", in: "")))
        let count = try #require(Int(String(decoding: found.body, as: UTF8.self)))
        // One more may have become durable before its writer could say so.
        #expect(count == last.count || count == last.count + 1)
        #expect(found.version >= last.version)
      }
      store.close()
    }
    #expect(acknowledged.count == 16)
  }

  @Test("a host in another process holds its directory until it is killed")
  func lock() throws {
    let state = try StateDirectory()
    var child: pid_t = 0
    _ = try runAndKill(state, after: 1) { pid in
      child = pid
      #expect(throws: StoreOpenError.lockedByAnotherHost(directory: state.path, pid: pid)) {
        try state.open()
      }
    }
    #expect(child > 0)
    _ = try state.open()
  }

  /// What the writer said up to its death, which comes once it has said `count` lines.
  private func runAndKill(
    _ state: StateDirectory, after count: Int, whileRunning: (pid_t) throws -> Void = { _ in }
  ) throws -> [String] {
    let pipe = try Pipe()
    let spec = ProcessSpec(
      .path(BuiltProducts.path("store-crash-writer")),
      arguments: ["store-crash-writer", state.path],
      descriptors: [ProcessSpec.Mapping(pipe.writeEnd, as: 1)])
    let process = try spawn(spec)
    pipe.writeEnd.close()
    var bytes: [UInt8] = []
    var isKilled = false
    while true {
      let more = try pipe.readEnd.read(upTo: 4096)
      if more.isEmpty { break }
      bytes += more
      if !isKilled, bytes.count(where: { $0 == 0x0A }) >= count {
        try whileRunning(process.pid)
        #expect(Glibc.kill(process.pid, SIGKILL) == 0)
        isKilled = true
      }
    }
    var status: Int32 = 0
    waitpid(process.pid, &status, 0)
    #expect(isKilled, "the writer ended by itself: \(String(decoding: bytes, as: UTF8.self))")
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

}
