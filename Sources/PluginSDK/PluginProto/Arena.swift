import CPluginProto
import CProtobufC
import Glibc

/// The calling thread's arena while one message is packed or unpacked.
///
/// - Invariant: between `init` and `reset` the thread packs or unpacks one message and runs nobody
///   else's code, so two users never meet in an arena (unguarded; nothing here calls out).
struct Arena {
  private let arena = mortise_arena_of_thread()

  var allocator: UnsafeMutablePointer<ProtobufCAllocator> { mortise_arena_allocator(arena) }

  func reset() { mortise_arena_reset(arena) }

  /// Uninitialized memory for `count` values of a C type, aligned to 8 bytes.
  func allocate<Value>(_ type: Value.Type, count: Int) -> UnsafeMutablePointer<Value> {
    let memory = mortise_arena_allocate(arena, MemoryLayout<Value>.stride * count)
    return memory.bindMemory(to: type, capacity: count)
  }
}

/// Swift to C: copies into the arena.
extension Arena {
  func string(_ value: String) -> UnsafeMutablePointer<CChar> {
    let count = value.utf8.count
    let copy = allocate(UInt8.self, count: count + 1)
    let buffer = UnsafeMutableBufferPointer(start: copy, count: count)
    _ = buffer.initialize(from: value.utf8)
    copy[count] = 0
    if count > 0, memchr(copy, 0, count) != nil {
      return string(String(String.UnicodeScalarView(value.unicodeScalars.map(Self.withoutNUL))))
    }
    return UnsafeMutableRawPointer(copy).assumingMemoryBound(to: CChar.self)
  }

  private static func withoutNUL(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar == "\0" ? "\u{FFFD}" : scalar
  }

  func bytes(_ value: [UInt8]) -> ProtobufCBinaryData {
    if value.isEmpty { return ProtobufCBinaryData(len: 0, data: nil) }
    let copy = allocate(UInt8.self, count: value.count)
    _ = UnsafeMutableBufferPointer(start: copy, count: value.count).initialize(from: value)
    return ProtobufCBinaryData(len: value.count, data: copy)
  }

  /// An array of C elements made one by one; nil where there are none, as protobuf-c expects.
  func array<Element, CElement>(
    _ elements: [Element], _ make: (Element) -> CElement
  ) -> UnsafeMutablePointer<CElement>? {
    if elements.isEmpty { return nil }
    let array = allocate(CElement.self, count: elements.count)
    for (index, element) in elements.enumerated() {
      (array + index).initialize(to: make(element))
    }
    return array
  }
}

/// C to Swift: reads what unpack made.
extension WireMessage {
  static func string(
    _ pointer: UnsafeMutablePointer<CChar>?, _ field: StaticString
  ) throws(ProtoDecodingError) -> String {
    guard let pointer else { return "" }
    let count = mortise_arena_string_length(pointer)
    if count == 0 { return "" }
    let units = UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
    guard
      let utf8 = try? UTF8Span(validating: Span(_unsafeStart: units, count: count))
    else {
      throw ProtoDecodingError(message: wireName, problem: .invalidUTF8(field: "\(field)"))
    }
    return String(copying: utf8)
  }

  static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: data.data, count: data.len))
  }

  /// The elements of a repeated field, of which protobuf-c keeps the count apart.
  static func array<CElement, Element>(
    _ start: UnsafeMutablePointer<CElement>?, _ count: Int,
    _ make: (CElement) throws(ProtoDecodingError) -> Element
  ) throws(ProtoDecodingError) -> [Element] {
    var elements: [Element] = []
    guard let start else { return elements }
    elements.reserveCapacity(count)
    for index in 0..<count { elements.append(try make(start[index])) }
    return elements
  }

  static func message<Message: WireMessage>(
    _ pointer: UnsafeMutablePointer<Message.CMessage>?
  ) throws(ProtoDecodingError) -> Message? {
    guard let pointer else { return nil }
    return try Message(pointer.pointee)
  }

  /// An element of a repeated message field: protobuf-c never leaves one nil.
  static func element<Message: WireMessage>(
    _ pointer: UnsafeMutablePointer<Message.CMessage>?
  ) throws(ProtoDecodingError) -> Message {
    guard let message: Message = try message(pointer) else {
      throw ProtoDecodingError(message: wireName, problem: .malformed)
    }
    return message
  }
}
