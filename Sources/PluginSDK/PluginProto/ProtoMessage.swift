/// A protobuf message as a Swift value.
///
/// The conformances are generated from `proto/`. Decoding and encoding go through libprotobuf-c in
/// an arena of the calling thread, so they may be called from any thread.
public protocol ProtoMessage: Sendable, Equatable {
  /// A message with every field at its default.
  init()

  /// Decodes a message.
  ///
  /// - Invariant: no bytes trap, whatever they are (guarded by `CorruptBytesTests`).
  /// - Throws: where the bytes are no such message or a string is not UTF-8. Unknown fields are
  ///   dropped, unknown enum values are kept.
  init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError)

  /// Appends the encoded message.
  ///
  /// A NUL in a string becomes U+FFFD, because the C library ends strings at it.
  func serialize(into bytes: inout [UInt8])

  /// Appends the message as it stands in a field of a message around it: tag, length, bytes.
  ///
  /// An envelope is written so, without its payload being written elsewhere first. An empty message
  /// is left out, as every empty field is.
  /// - Parameter number: of the field, 1 to 15, so that its tag is one byte.
  func serialize(into bytes: inout [UInt8], asField number: Int)

  /// How many bytes `serialize(into:)` would append.
  var serializedSize: Int { get }
}

extension ProtoMessage {
  /// Decodes a message from bytes that are already an array.
  @inlinable
  public init(serialized bytes: [UInt8]) throws(ProtoDecodingError) {
    self = try bytes.withUnsafeBufferPointer { buffer throws(ProtoDecodingError) in
      try Self(serialized: UnsafeRawBufferPointer(buffer))
    }
  }

  /// The encoded message.
  public func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    serialize(into: &bytes)
    return bytes
  }
}

/// A name by which a call is routed, with the types of what goes in and what comes back.
///
/// Constants of this type are generated for every rpc of every service in `proto/`.
public struct Method<Request: ProtoMessage, Reply: ProtoMessage>: Sendable {
  /// Full name of the service: "mortise.plugin.v1.Tasks".
  public let service: String
  /// Name of the rpc as the .proto file spells it: "Execute".
  public let name: String

  public init(service: String, name: String) {
    self.service = service
    self.name = name
  }
}
