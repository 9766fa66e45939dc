/// Chooses objects by their labels: requirements of which all must hold.
///
/// Read from text as Kubernetes writes it: `app=web,tier!=cache,zone in (a,b),zone notin (c),debug,!draft`.
/// The host filters lists and watches with it; the command line passes the text through.
public struct LabelSelector: Sendable, Equatable {
  /// What has to hold of one label.
  public struct Requirement: Sendable, Equatable {
    /// `notIn` and `absent` also hold of an object that has no such label.
    public enum Test: Sendable, Equatable {
      case oneOf([String])
      case notIn([String])
      case present
      case absent
    }

    public var label: String
    public var test: Test

    public init(label: String, test: Test) {
      self.label = label
      self.test = test
    }
  }

  /// None = every object.
  public var requirements: [Requirement]

  public init(requirements: [Requirement] = []) {
    self.requirements = requirements
  }

  public var isEmpty: Bool { requirements.isEmpty }

  /// Whether an object with these labels is chosen.
  public func matches(_ labels: [(name: String, value: String)]) -> Bool {
    requirements.allSatisfy { requirement in
      let value = labels.first { $0.name == requirement.label }?.value
      switch requirement.test {
      case .oneOf(let values): return value.map(values.contains) ?? false
      case .notIn(let values): return value.map { !values.contains($0) } ?? true
      case .present: return value != nil
      case .absent: return value == nil
      }
    }
  }
}

/// Why a text is no selector.
public struct SelectorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Characters before the one that is wrong.
  public var offset: Int
  public var message: String

  public var description: String {
    "label selector, character \(offset + 1): \(message); "
      + "write it as a=b, a!=b, a in (b,c), a notin (b,c), a or !a, with commas between them"
  }
}
