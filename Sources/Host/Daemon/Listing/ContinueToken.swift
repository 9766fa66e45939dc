internal import JSON
internal import Model
internal import TTRPC

/// Where the next page of a list begins; opaque to callers.
struct ContinueToken: Equatable {
  /// Behind this object.
  var key: ObjectKey
  /// Of the list's first page: what its watch begins from.
  var version: UInt64

  var text: String {
    JSONValue.array([
      .string(String(version)), .string(key.kind), .string(key.namespace), .string(key.name),
    ]).description
  }

  init(key: ObjectKey, version: UInt64) {
    self.key = key
    self.version = version
  }

  /// - Throws: INVALID_ARGUMENT for a text that no list has given out.
  init(_ text: String) throws(RPCError) {
    let parts = (try? JSONValue(parsing: Array(text.utf8)))?.array?.compactMap(\.string) ?? []
    guard parts.count == 4, let version = UInt64(parts[0]) else {
      throw RPCError(
        .invalidArgument, reason: "InvalidContinueToken",
        message: "the continue token is none that a list has answered; list again without one")
    }
    self.init(
      key: ObjectKey(kind: parts[1], namespace: parts[2], name: parts[3]), version: version)
  }
}
