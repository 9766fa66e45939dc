/// Bytes that are no message of the type that was expected.
public struct ProtoDecodingError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with them.
  public enum Problem: Sendable, Equatable {
    /// Not protobuf, a field of another wire type, or more than one message may allocate.
    case malformed
    /// The named string field holds bytes that are not UTF-8.
    case invalidUTF8(field: String)
  }

  /// Full name of the message: "mortise.plugin.v1.ExecuteRequest".
  public let message: String
  public let problem: Problem

  public init(message: String, problem: Problem) {
    self.message = message
    self.problem = problem
  }

  public var description: String {
    switch problem {
    case .malformed: "these bytes are no \(message) message"
    case .invalidUTF8(let field): "field \(field) of \(message) is not valid UTF-8"
    }
  }
}
