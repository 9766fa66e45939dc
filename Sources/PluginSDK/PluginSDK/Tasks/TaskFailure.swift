/// The verdict of a task on work that it accepted: this attempt failed.
public struct TaskFailure: Error, Equatable, CustomStringConvertible {
  /// CamelCase and stable: people and blueprints match on it.
  public var reason: String
  /// What failed, where, and what to do about it.
  public var message: String
  /// Another attempt may succeed; the host makes it within the blueprint's `maxRetries`.
  public var isTransient: Bool
  /// Earliest next attempt, from now; nil leaves it to the host's back-off.
  public var retryAfter: Duration?

  public init(
    reason: String, message: String, isTransient: Bool = false, retryAfter: Duration? = nil
  ) {
    self.reason = reason
    self.message = message
    self.isTransient = isTransient
    self.retryAfter = retryAfter
  }

  public var description: String { "\(reason): \(message)" }

  /// No further attempt can succeed.
  public static func terminal(_ reason: String, _ message: String) -> TaskFailure {
    TaskFailure(reason: reason, message: message)
  }

  /// Another attempt may succeed.
  public static func transient(
    _ reason: String, _ message: String, retryAfter: Duration? = nil
  ) -> TaskFailure {
    TaskFailure(reason: reason, message: message, isTransient: true, retryAfter: retryAfter)
  }
}

/// The promise of a task that **nothing was done**: the host may make the very same call again, and
/// spends no retry on it.
public struct TaskRefusal: Error, Equatable, CustomStringConvertible {
  /// When the host should call again.
  public enum Condition: Sendable, Equatable {
    /// Later, with the host's back-off (UNAVAILABLE).
    case unavailable
    /// When something about the resource changed (FAILED_PRECONDITION).
    case notYet
  }

  public var condition: Condition
  /// CamelCase and stable.
  public var reason: String
  public var message: String

  public init(_ condition: Condition, reason: String, message: String) {
    self.condition = condition
    self.reason = reason
    self.message = message
  }

  public var description: String { "\(reason): \(message)" }
}
