import Glibc
import JSON
import LinuxSystem
import PluginProto
import TTRPC
import TestPlaces

/// The example plugin as a process, with what a host gives to one.
struct PluginProcess {
  let process: SpawnedProcess
  let client: Client
  let loop: EventLoop
  /// Closing it is the host's end.
  let liveness: Descriptor

  /// - Parameter directory: where its socket is made; `state` below it is its state directory.
  static func start(in directory: String, on loop: EventLoop) async throws -> PluginProcess {
    let path = "\(directory)/s\(UInt32.random(in: .min ... .max)).sock"
    let listener = try UnixSocket.listen(path)
    let liveness = try Pipe()
    let executable = BuiltProducts.path("files-plugin")
    let process = try spawn(
      ProcessSpec(
        .path(executable), arguments: ["files-plugin"],
        environment: ["MORTISE_LISTEN_FD": "3", "MORTISE_LIVENESS_FD": "4"],
        descriptors: [.init(listener, as: 3), .init(liveness.readEnd, as: 4)]))
    let client = try await Client.connect(path: path, on: loop)
    _ = try await client.call(
      PluginV1.Plugin.handshake, .init(protocolMajors: [1], hostEpoch: 1, nonce: "n"))
    _ = try await client.call(
      PluginV1.Plugin.configure, .init(stateDirectory: directory + "/state"))
    return PluginProcess(
      process: process, client: client, loop: loop, liveness: liveness.writeEnd)
  }

  func call(_ type: String, _ params: JSONValue) async throws -> PluginV1.TaskReply.Outcome? {
    let request = PluginV1.ExecuteRequest(
      taskID: "t", attempt: 1, step: 1, type: type, params: params.serialized())
    return try await client.call(PluginV1.Tasks.execute, request).outcome
  }

  func recover(_ type: String, _ params: JSONValue) async throws -> PluginV1.RecoverReply {
    let request = PluginV1.RecoverRequest(
      taskID: "t", attempt: 1, step: 1, type: type, params: params.serialized())
    return try await client.call(PluginV1.Tasks.recover, request)
  }

  /// Waits for the process's end.
  func ended() async throws -> ExitStatus? {
    try await loop.waitReadable(process.pidfd.descriptor.number)
    client.close()
    return try process.pidfd.reap()
  }

  /// Ends the process as a crash does.
  func kill() async throws {
    _ = try process.pidfd.signal(SIGKILL)
    _ = try await ended()
  }
}
