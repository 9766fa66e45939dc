import CPluginProto
import CProtobufC

typealias Unpack<CMessage> = (
  UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?
) -> UnsafeMutablePointer<CMessage>?

typealias Initialize<CMessage> = (UnsafeMutablePointer<CMessage>?) -> Void

/// What the generated code says about a message's C struct; everything else is generic over it.
protocol WireMessage: ProtoMessage {
  associatedtype CMessage

  /// Full protobuf name, for errors.
  static var wireName: String { get }
  /// protoc-c's functions for the struct.
  static var unpackC: Unpack<CMessage> { get }
  static var initializeC: Initialize<CMessage> { get }

  init(_ c: CMessage) throws(ProtoDecodingError)
  func fill(_ c: inout CMessage, in arena: Arena)
}

extension WireMessage {
  static func decode(_ bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) -> Self {
    let arena = Arena()
    defer { arena.reset() }
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let message = unpackC(arena.allocator, bytes.count, start) else {
      throw ProtoDecodingError(message: wireName, problem: .malformed)
    }
    return try Self(message.pointee)
  }

  func encode(into bytes: inout [UInt8], asField number: Int? = nil) {
    withCMessage { message in
      let count = protobuf_c_message_get_packed_size(message)
      // Nothing to pack, and where the array is empty too, no address to pack to.
      if count == 0 { return }
      if let number { WireField.appendHeader(number, length: count, to: &bytes) }
      bytes.append(addingCapacity: count) { span in
        span.withUnsafeMutableBufferPointer { buffer, initialized in
          let written = protobuf_c_message_pack(message, buffer.baseAddress! + initialized)
          precondition(
            written == count, "\(Self.wireName) was packed into another size than computed")
          initialized += written
        }
      }
    }
  }

  var encodedSize: Int {
    withCMessage { protobuf_c_message_get_packed_size($0) }
  }

  /// The C struct in an arena, with all that it points to.
  func makeC(in arena: Arena) -> UnsafeMutablePointer<CMessage> {
    let message = arena.allocate(CMessage.self, count: 1)
    Self.initializeC(message)
    fill(&message.pointee, in: arena)
    return message
  }

  private func withCMessage<Result>(
    _ body: (UnsafePointer<ProtobufCMessage>) -> Result
  ) -> Result {
    let arena = Arena()
    defer { arena.reset() }
    let message = makeC(in: arena)
    // Every struct of protoc-c begins with its ProtobufCMessage.
    return body(UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self))
  }
}
