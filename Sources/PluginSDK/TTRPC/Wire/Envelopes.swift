internal import PluginProto

/// What opens a stream: which method is called, with what. All of it lies in the frame.
struct RequestEnvelope {
  let service: UnsafeRawBufferPointer
  let method: UnsafeRawBufferPointer
  let payload: UnsafeRawBufferPointer
  /// Nanoseconds until the caller stops waiting; 0 = it waits as long as it takes.
  let timeoutNano: Int64

  /// Reads an envelope and hands it to `body`, valid during the call alone.
  ///
  /// - Throws: what `body` throws, and INVALID_ARGUMENT where the bytes are no envelope.
  static func read<Result>(
    _ bytes: UnsafeRawBufferPointer, _ body: (RequestEnvelope) throws(RPCError) -> Result
  ) throws(RPCError) -> Result {
    var fields = PlainFieldReader(bytes)
    let plain = RequestEnvelope(
      service: fields.bytes(1), method: fields.bytes(2), payload: fields.bytes(3),
      timeoutNano: fields.integer(4))
    if fields.isComplete { return try body(plain) }
    let request: TTRPCProto.Request
    do throws(ProtoDecodingError) {
      request = try TTRPCProto.Request(serialized: bytes)
    } catch {
      throw .malformedRequest(error.description)
    }
    let (service, method) = (Array(request.service.utf8), Array(request.method.utf8))
    return try service.withUnsafeBufferPointer { service throws(RPCError) in
      try method.withUnsafeBufferPointer { method throws(RPCError) in
        try request.payload.withUnsafeBufferPointer { payload throws(RPCError) in
          try body(
            RequestEnvelope(
              service: UnsafeRawBufferPointer(service), method: UnsafeRawBufferPointer(method),
              payload: UnsafeRawBufferPointer(payload), timeoutNano: request.timeoutNano))
        }
      }
    }
  }

  /// Appends an envelope around a request that is not encoded yet.
  static func append<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, timeoutNano: Int64,
    to bytes: inout [UInt8]
  ) {
    append(method.service, asField: 1, to: &bytes)
    append(method.name, asField: 2, to: &bytes)
    request.serialize(into: &bytes, asField: 3)
    // The rest as a message of its own: messages that follow each other are one.
    if timeoutNano != 0 {
      TTRPCProto.Request(timeoutNano: timeoutNano).serialize(into: &bytes)
    }
  }

  private static func append(_ text: String, asField number: Int, to bytes: inout [UInt8]) {
    WireField.appendHeader(number, length: text.utf8.count, to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }
}

/// What ends a stream: the payload of a success; errors are decoded as a whole.
enum ResponseEnvelope {
  private static let payloadField = 2

  /// Reads the payload of a success where it lies, nil for whatever else a response may be.
  static func payload(ofPlain bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var fields = PlainFieldReader(bytes)
    let payload = fields.bytes(UInt8(payloadField))
    return fields.isComplete ? payload : nil
  }

  /// Appends an envelope around a reply that is not encoded yet.
  static func append(_ reply: any ProtoMessage, to bytes: inout [UInt8]) {
    reply.serialize(into: &bytes, asField: payloadField)
  }
}
