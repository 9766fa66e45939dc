// Generated from proto/google/rpc/status.proto by `make protos`; do not edit.
// swift-format-ignore-file

import CPluginProto
import CProtobufC

extension RPCStatus {
  /// `google.rpc.Status`.
  public struct Status: ProtoMessage, WireMessage {
    public var code: Int32 = 0
    public var message: String = ""
    public var details: [RPCStatus.`Any`] = []

    public init() {}

    public init(code: Int32 = 0, message: String = "", details: [RPCStatus.`Any`] = []) {
      self.code = code
      self.message = message
      self.details = details
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "google.rpc.Status" }
    static var unpackC: Unpack<Google__Rpc__Status> { google__rpc__status__unpack }
    static var initializeC: Initialize<Google__Rpc__Status> { google__rpc__status__init }

    init(_ c: Google__Rpc__Status) throws(ProtoDecodingError) {
      self.code = c.code
      self.message = try Self.string(c.message, "message")
      self.details = try Self.array(c.details, c.n_details) {
        element throws(ProtoDecodingError) in try Self.element(element)
      }
    }

    func fill(_ c: inout Google__Rpc__Status, in arena: Arena) {
      c.code = self.code
      if !self.message.isEmpty { c.message = arena.string(self.message) }
      c.n_details = self.details.count
      c.details = arena.array(self.details) { $0.makeC(in: arena) }
    }
  }

  /// Field numbers and meaning of google.protobuf.Any.
  public struct `Any`: ProtoMessage, WireMessage {
    public var typeURL: String = ""
    public var value: [UInt8] = []

    public init() {}

    public init(typeURL: String = "", value: [UInt8] = []) {
      self.typeURL = typeURL
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

    static var wireName: String { "google.rpc.Any" }
    static var unpackC: Unpack<Google__Rpc__Any> { google__rpc__any__unpack }
    static var initializeC: Initialize<Google__Rpc__Any> { google__rpc__any__init }

    init(_ c: Google__Rpc__Any) throws(ProtoDecodingError) {
      self.typeURL = try Self.string(c.type_url, "type_url")
      self.value = Self.bytes(c.value)
    }

    func fill(_ c: inout Google__Rpc__Any, in arena: Arena) {
      if !self.typeURL.isEmpty { c.type_url = arena.string(self.typeURL) }
      c.value = arena.bytes(self.value)
    }
  }

  /// type_url: type.googleapis.com/google.rpc.ErrorInfo
  public struct ErrorInfo: ProtoMessage, WireMessage {
    public var reason: String = ""
    public var domain: String = ""

    public init() {}

    public init(reason: String = "", domain: String = "") {
      self.reason = reason
      self.domain = domain
    }

    public init(serialized bytes: UnsafeRawBufferPointer) throws(ProtoDecodingError) {
      self = try Self.decode(bytes)
    }

    public func serialize(into bytes: inout [UInt8]) { encode(into: &bytes) }

    public func serialize(into bytes: inout [UInt8], asField number: Int) {
      encode(into: &bytes, asField: number)
    }

    public var serializedSize: Int { encodedSize }

    static var wireName: String { "google.rpc.ErrorInfo" }
    static var unpackC: Unpack<Google__Rpc__ErrorInfo> { google__rpc__error_info__unpack }
    static var initializeC: Initialize<Google__Rpc__ErrorInfo> { google__rpc__error_info__init }

    init(_ c: Google__Rpc__ErrorInfo) throws(ProtoDecodingError) {
      self.reason = try Self.string(c.reason, "reason")
      self.domain = try Self.string(c.domain, "domain")
    }

    func fill(_ c: inout Google__Rpc__ErrorInfo, in arena: Arena) {
      if !self.reason.isEmpty { c.reason = arena.string(self.reason) }
      if !self.domain.isEmpty { c.domain = arena.string(self.domain) }
    }
  }
}
