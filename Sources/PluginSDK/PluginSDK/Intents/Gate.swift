public import JSON

/// A conjunction over intents that a task waits on; the host evaluates it on verified state.
public struct Gate: Sendable, Equatable {
  /// One condition on one intent.
  public struct Clause: Sendable, Equatable {
    /// What must be true of the intent.
    public enum Test: Sendable, Equatable {
      /// The driver confirmed the present spec.
      case committed
      /// The intent is gone.
      case absent
      /// The observed value at the path equals the value.
      case equals(JSONPath, JSONValue)
      /// The observed number at the path is at least the value.
      case atLeast(JSONPath, JSONValue)
      /// Nothing is left to do: committed, or gone.
      case settled
    }

    public var intent: IntentKey
    public var test: Test

    public init(_ intent: IntentKey, _ test: Test) {
      self.intent = intent
      self.test = test
    }
  }

  /// All of them must hold; none hold at once.
  public var clauses: [Clause]

  public init(_ clauses: [Clause] = []) {
    self.clauses = clauses
  }

  /// Holds once the driver confirmed the intent's present spec.
  public static func committed(_ intent: IntentKey) -> Gate {
    Gate([Clause(intent, .committed)])
  }

  /// Holds once the intent is gone.
  public static func absent(_ intent: IntentKey) -> Gate {
    Gate([Clause(intent, .absent)])
  }

  /// Holds once the intent's observed value at the path equals the value.
  public static func equals(_ intent: IntentKey, _ path: JSONPath, _ value: JSONValue) -> Gate {
    Gate([Clause(intent, .equals(path, value))])
  }

  /// Holds once the intent's observed number at the path is at least the value.
  public static func atLeast(_ intent: IntentKey, _ path: JSONPath, _ value: JSONValue) -> Gate {
    Gate([Clause(intent, .atLeast(path, value))])
  }

  /// Holds once nothing is left to do for the intent, be it there or gone: what `Wait.release` leads to.
  public static func settled(_ intent: IntentKey) -> Gate {
    Gate([Clause(intent, .settled)])
  }

  /// Holds once all of them hold.
  public static func all(_ gates: Gate...) -> Gate {
    Gate(gates.flatMap(\.clauses))
  }
}
