// Generated from proto/ttrpc/ttrpc.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension TTRPCProto {
  /// Payload of a frame of type 1: it opens a stream and names what is called.
  public struct Request: ProtoMessage, WireMessage {
    public var service: String = ""
    public var method: String = ""
    public var payload: [UInt8] = []
    public var timeoutNano: Int64 = 0
    public var metadata: [TTRPCProto.KeyValue] = []

    public init() {}

    public init(service: String = "", method: String = "", payload: [UInt8] = [], timeoutNano: Int64 = 0, metadata: [TTRPCProto.KeyValue] = []) {
      self.service = service
      self.method = method
      self.payload = payload
      self.timeoutNano = timeoutNano
      self.metadata = metadata
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "ttrpc.Request" }
    static var unpackC: Unpack<Ttrpc__Request> { ttrpc__request__unpack }
    static var initializeC: Initialize<Ttrpc__Request> { ttrpc__request__init }

    init(_ c: Ttrpc__Request) throws(ProtoDecodingError) {
      self.service = try Self.string(c.service, "service")
      self.method = try Self.string(c.method, "method")
      self.payload = Self.bytes(c.payload)
      self.timeoutNano = c.timeout_nano
      self.metadata = try Self.array(c.metadata, c.n_metadata) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Ttrpc__Request, in arena: Arena) {
      if !self.service.isEmpty { c.service = arena.string(self.service) }
      if !self.method.isEmpty { c.method = arena.string(self.method) }
      c.payload = arena.bytes(self.payload)
      c.timeout_nano = self.timeoutNano
      c.n_metadata = self.metadata.count
      c.metadata = arena.array(self.metadata) { $0.makeC(in: arena) }
    }
  }

  /// Payload of a frame of type 2: the answer that ends a stream.
  public struct Response: ProtoMessage, WireMessage {
    public var status: RPCStatus.Status? = nil
    public var payload: [UInt8] = []

    public init() {}

    public init(status: RPCStatus.Status? = nil, payload: [UInt8] = []) {
      self.status = status
      self.payload = payload
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "ttrpc.Response" }
    static var unpackC: Unpack<Ttrpc__Response> { ttrpc__response__unpack }
    static var initializeC: Initialize<Ttrpc__Response> { ttrpc__response__init }

    init(_ c: Ttrpc__Response) throws(ProtoDecodingError) {
      self.status = try Self.message(c.status)
      self.payload = Self.bytes(c.payload)
    }

    func fill(_ c: inout Ttrpc__Response, in arena: Arena) {
      if let value = self.status { c.status = value.makeC(in: arena) }
      c.payload = arena.bytes(self.payload)
    }
  }

  /// `ttrpc.KeyValue`.
  public struct KeyValue: ProtoMessage, WireMessage {
    public var key: String = ""
    public var value: String = ""

    public init() {}

    public init(key: String = "", value: String = "") {
      self.key = key
      self.value = value
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "ttrpc.KeyValue" }
    static var unpackC: Unpack<Ttrpc__KeyValue> { ttrpc__key_value__unpack }
    static var initializeC: Initialize<Ttrpc__KeyValue> { ttrpc__key_value__init }

    init(_ c: Ttrpc__KeyValue) throws(ProtoDecodingError) {
      self.key = try Self.string(c.key, "key")
      self.value = try Self.string(c.value, "value")
    }

    func fill(_ c: inout Ttrpc__KeyValue, in arena: Arena) {
      if !self.key.isEmpty { c.key = arena.string(self.key) }
      if !self.value.isEmpty { c.value = arena.string(self.value) }
    }
  }
}
