import EchoPeer
import GRPCCore
import GRPCNIOTransportHTTP2Posix

// grpc-swift-2 with its stock transport. Messages are bytes, without protobuf: in its favour.
let method = MethodDescriptor(fullyQualifiedService: "test.Echo", method: "Echo")

struct BytesSerializer: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) -> Bytes { Bytes(message) }
}

struct BytesDeserializer: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

struct EchoService: RegistrableRPCService {
  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: method, deserializer: BytesDeserializer(), serializer: BytesSerializer()
    ) { request, _ in
      let single = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: single.message))
    }
  }
}

switch EchoCommand(arguments: CommandLine.arguments) {
case .serve(let path):
  try await withGRPCServer(
    transport: .http2NIOPosix(
      address: .unixDomainSocket(path: path), transportSecurity: .plaintext),
    services: [EchoService()]
  ) { server in
    _ = try await server.listeningAddress
    EchoRun.ready()
    EchoRun.waitForEndOfInput()
    server.beginGracefulShutdown()
  }
case .call(let path, let load):
  try await withGRPCClient(
    transport: try .http2NIOPosix(
      target: .unixDomainSocket(path: path), transportSecurity: .plaintext)
  ) { client in
    let request = Array(load.text.utf8)
    try await EchoRun.perform(load) {
      let reply = try await client.unary(
        request: ClientRequest(message: request), descriptor: method,
        serializer: BytesSerializer(), deserializer: BytesDeserializer(), options: .defaults
      ) { try $0.message }
      precondition(reply.count == load.bytes, "the answer is the question")
    }
  }
}
