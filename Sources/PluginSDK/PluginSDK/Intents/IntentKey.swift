/// Names an intent: unique in the host's store.
public struct IntentKey: Sendable, Hashable, CustomStringConvertible {
  /// Where it converges; empty stands for the task's own target.
  public var target: String
  /// What it is: "StatefulSet".
  public var kind: String
  /// Unique for kind and target; by convention NAMESPACE/NAME.
  public var key: String

  public init(_ kind: String, _ key: String, target: String = "") {
    self.target = target
    self.kind = kind
    self.key = key
  }

  public var description: String {
    target.isEmpty ? "\(kind) \(key)" : "\(kind) \(key) on \(target)"
  }

  /// The same key, with an empty target filled in.
  func resolved(target: String) -> IntentKey {
    self.target.isEmpty ? IntentKey(kind, key, target: target) : self
  }
}
