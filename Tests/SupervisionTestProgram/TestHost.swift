import Diagnostics
import Glibc
import LinuxSystem
import PluginSupervision
import TTRPC

/// A host with nothing but a supervisor, to be killed in tests: it writes `ready NAME PID` for each
/// plugin that becomes ready.
struct TestHost: Sendable {
  let directory: String
  let stateDirectory: String

  func run() throws {
    let loop = try EventLoop(name: "test-host")
    let supervisor = PluginSupervisor(
      loop: loop, directory: directory, stateDirectory: stateDirectory,
      host: HostIdentity(instance: "child", epoch: 1, version: "0.0.0"), log: .discarding
    ) { event in
      guard case .ready(let handle) = event else { return }
      let bytes = Array("ready \(handle.name) \(handle.pid)\n".utf8)
      _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
    loop.spawn {
      do {
        try await supervisor.start()
      } catch {
        fatalError("\(error)")
      }
    }
    loop.run()
  }
}
