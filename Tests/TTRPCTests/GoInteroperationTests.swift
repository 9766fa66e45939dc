import Glibc
import LinuxSystem
import PluginProto
import Testing

@testable import TTRPC

@Suite(
  "a stock Go ttrpc program",
  .enabled(
    if: GoPeer.mustRun,
    "SKIPPED: no Go here. apt-get install golang-go golang-github-containerd-ttrpc-dev"))
struct GoInteroperationTests {
  /// A directory for a socket, gone with the test.
  private final class SocketDirectory {
    let path: String

    init(_ name: String) throws {
      path = "/tmp/mortise-\(name)-\(getpid())"
      try FileSystem.makeDirectories(path, mode: 0o700)
    }

    deinit { try? FileSystem.removeTree(path) }
  }

  @Test("calls this server")
  func goCallsUs() async throws {
    let directory = try SocketDirectory("go-client")
    let socket = directory.path + "/socket"
    let server = Server(loop: try EventLoop.startThread("server"), router: Echo.router())
    server.serve(listener: try UnixSocket.listen(socket))
    let peer = try await GoPeer("call", socket)
    let expected = [
      "echo 0 true", "echo 100 true", "echo 65536 true", "echo 4194204 true",
      "too large ResourceExhausted", "fail FailedPrecondition wait for it",
      "missing Unimplemented", "hang true", "at last still alive",
    ]
    #expect(try await peer.text().split(separator: "\n").map(String.init) == expected)
    #expect(try await peer.finish() == .exited(code: 0))
    await server.shutdown(grace: .zero)
  }

  @Test("serves this client")
  func goServesUs() async throws {
    let directory = try SocketDirectory("go-server")
    let socket = directory.path + "/socket"
    let peer = try await GoPeer("serve", socket)
    #expect(try await peer.text(until: "ready\n") == "ready\n")
    let client = try await Client.connect(path: socket, on: try EventLoop.startThread("client"))
    #expect(client.peerCredentials?.uid == geteuid())
    for size in [0, 100, 64 << 10, (4 << 20) - 100] {
      let message = Echo.Message(key: "k", value: String(repeating: "x", count: size))
      #expect(try await client.call(Echo.unary, message, timeout: .seconds(60)) == message)
    }
    await #expect(throws: RPCError(.failedPrecondition, reason: "", message: "wait for it")) {
      try await client.call(Echo.fail, Echo.Message(key: "NotYet", value: "wait for it"))
    }
    let missing = await failure { try await client.call(Echo.missing, Echo.Message()) }
    #expect(missing?.code == .unimplemented)
    let hang = await failure {
      try await client.call(Echo.hang, Echo.Message(), timeout: .milliseconds(50))
    }
    #expect(hang?.code == .deadlineExceeded)
    let last = Echo.Message(key: "still", value: "alive")
    #expect(try await client.call(Echo.unary, last) == last)
    #expect(try await peer.finish() == .exited(code: 0))
    await client.waitUntilClosed()
  }
}
