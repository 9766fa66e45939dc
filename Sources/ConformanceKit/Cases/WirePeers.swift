internal import Glibc
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// Peers that misbehave or have no business here.
extension ConformanceCase {
  static let wirePeers: [ConformanceCase] = [
    ConformanceCase(
      "wire.stops-reading", .must, "Limits",
      why: "A host that hangs keeps its connection open, and its successor must be served."
    ) { run in
      let instance = try await run.shared()
      let peer = try await run.wire(to: instance)
      // Far more answers than a socket's buffer holds.
      let requests = (1...600).flatMap { number in
        WirePeer.request(
          PluginV1.Plugin.describe, .init(), stream: UInt32(2 * number + 1)
        ).bytes
      }
      var rest = requests[...]
      while !rest.isEmpty, let sent = try peer.connection.sendAvailable(rest) {
        rest = rest.dropFirst(sent)
      }
      try await run.requireServing(instance, after: "a peer that reads no answers")
      peer.close()
    },
    ConformanceCase(
      "wire.wrong-user", .must, "Connections", needs: [.program, .root],
      why: "Whoever may call a plugin may do what it may, so another user is not served."
    ) { run in
      let instance = try await run.shared()
      let nobody: UInt32 = 65534
      // The file's mode would keep the user out; it is the plugin's own check that is asked here.
      try instance.openToAll()
      defer { try? instance.closeToOthers() }
      let descriptor = try UnixSocket.connect(instance.socketPath, asUser: nobody)
      let peer = WirePeer(
        try WireConnection(descriptor, on: run.loop), on: run.loop, patience: run.patience)
      // The plugin may hang up before it has the request.
      try? await peer.send(
        WirePeer.request(
          PluginV1.Plugin.handshake, CaseRun.greeting(epoch: instance.currentEpoch), stream: 1))
      let answers = try await peer.answers(on: [1], "the end of another user's connection")
      try require(
        answers.isEmpty,
        "user \(nobody) was answered with \(answers[1]?.description ?? ""), not hung up on")
      try await run.requireServing(instance, after: "a call of another user")
    },
  ]
}

extension PluginInstance {
  fileprivate func openToAll() throws {
    try FileSystem.setMode(FileSystem.parent(of: socketPath), 0o711)
    try FileSystem.setMode(socketPath, 0o666)
  }

  fileprivate func closeToOthers() throws {
    try FileSystem.setMode(socketPath, 0o600)
    try FileSystem.setMode(FileSystem.parent(of: socketPath), 0o700)
  }
}
