import EchoPeer
import Glibc
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

// Mortise's own RPC path: one loop in each process. The message is one of the protocol's: a short text
// and bytes, as JSON travels.
//
// Besides what EchoCommand.swift describes, `mortise-echo beside SOCKET FLOODED CALLS BYTES IN_FLIGHT`
// calls one server while the same loop floods another, as a host's does that has a busy plugin.
typealias Message = HostV1.Manifest
let echo = Method<Message, Message>(service: "test.Echo", name: "Echo")
let loop = try EventLoop(name: "echo")

@Sendable func call(_ path: String, _ load: EchoLoad) async throws {
  let client = try await Client.connect(path: path, on: loop)
  let request = Message(source: "k", content: Array(load.text.utf8))
  try await EchoRun.perform(load) {
    let reply = try await client.call(echo, request)
    precondition(reply.content.count == load.bytes, "the answer is the question")
  }
}

/// Keeps 64 calls of 64 KiB in flight until it is told to stop.
@Sendable func flood(_ path: String, until isOver: borrowing Atomic<Bool>) async throws {
  let client = try await Client.connect(path: path, on: loop)
  let request = Message(source: "k", content: [UInt8](repeating: 120, count: 64 << 10))
  while !isOver.load(ordering: .relaxed) {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<64 { group.addTask { _ = try await client.call(echo, request) } }
      try await group.waitForAll()
    }
  }
}

@Sendable func orExplain(_ body: () async throws -> Void) async {
  do {
    try await body()
  } catch {
    EchoRun.complain("mortise-echo: \(error)")
    exit(1)
  }
}

let isOver = Atomic(false)
var arguments = CommandLine.arguments
var flooded: String?
if arguments.count == 7, arguments[1] == "beside" {
  flooded = arguments.remove(at: 3)
  arguments[1] = "call"
}
switch EchoCommand(arguments: arguments) {
case .serve(let path):
  var router = Router()
  router.handle(echo) { request, _ in request }
  let server = Server(loop: loop, router: router)
  server.serve(listener: try UnixSocket.listen(path))
  EchoRun.ready()
  loop.spawn {
    // A file or terminal can't be waited for; then a signal ends the server.
    try? await loop.waitReadable(STDIN_FILENO)
    loop.stop()
  }
case .call(let path, let load):
  if let flooded { loop.spawn { await orExplain { try await flood(flooded, until: isOver) } } }
  loop.spawn {
    await orExplain { try await call(path, load) }
    isOver.store(true, ordering: .relaxed)
    loop.stop()
  }
}
loop.run()
