import Glibc
import LinuxSystem
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("connecting to a host that restarts")
struct HostLinkTests {
  @Test("where a socket is left of a host that ended, the next one is waited for")
  func waits() async throws {
    let path = "/tmp/mortise-link-\(UInt64.random(in: 0...UInt64.max)).sock"
    defer { unlink(path) }
    let socket = try bind(path)
    let loop = try EventLoop.startThread("link")
    defer { loop.stop() }
    let link = HostLink(socketPath: path, loop: loop)
    // On one loop the first task runs until it waits: it has found nobody before anybody listens.
    let isConnected = await withCheckedContinuation { continuation in
      loop.spawn { continuation.resume(returning: (try? await link.connect()) != nil) }
      loop.spawn { listen(socket.number, 1) }
    }
    #expect(isConnected)
  }

  @Test("a question is asked again where the host went away meanwhile, for a while")
  func asksAgain() async throws {
    let lost = RPCError(.unavailable, reason: "ShuttingDown", message: "going away")
    let loop = try EventLoop.startThread("link")
    defer { loop.stop() }
    func answer(failures: Int, patience: Duration) async throws -> Bool {
      let host = try FakeHost(HostRecord { $0.failures = Array(repeating: lost, count: failures) })
      defer { try? host.stop() }
      let link = HostLink(socketPath: host.path, loop: loop, patience: patience)
      do {
        _ = try await link.asking { session throws(CommandFailure) in try await session.plugins() }
        return true
      } catch {
        #expect(error.code == .unreachable)
        #expect(error.message.contains("going away"))
        return false
      }
    }
    #expect(try await answer(failures: 2, patience: .seconds(120)))
    #expect(try await !answer(failures: 2, patience: .zero))
  }

  /// A socket at a path to which nobody listens.
  private func bind(_ path: String) throws -> Descriptor {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(number >= 0 && code == 0)
    return Descriptor(owning: number)
  }
}
