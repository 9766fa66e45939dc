/// A place in a JSON document: "status.replicas", "pods[0].uid", `labels["example.org/name"]`.
///
/// Blueprints, gates and error messages name places this way.
public struct JSONPath: Sendable, Hashable {
  /// One step down.
  public enum Component: Sendable, Hashable {
    case member(String)
    case index(Int)
  }

  public var components: [Component]

  public init(_ components: [Component] = []) {
    self.components = components
  }

  /// Reads a path.
  ///
  /// - Throws: where the text is none, saying at which character.
  public init(_ text: String) throws(JSONPathError) {
    var parser = JSONPathParser(text: Array(text.unicodeScalars))
    components = try parser.parse()
  }

  /// The place one step below.
  public func appending(_ component: Component) -> JSONPath {
    JSONPath(components + [component])
  }
}

/// Why a text is no path.
public struct JSONPathError: Error, Equatable, CustomStringConvertible {
  /// The text that was read.
  public let path: String
  /// Characters before the place.
  public let offset: Int
  public let message: String

  public var description: String {
    "\"\(path)\" is no path: \(message) at character \(offset + 1)"
  }
}

extension JSONPath: ExpressibleByStringLiteral {
  /// A path written in source code; a bad one is a programmer's error and traps.
  public init(stringLiteral text: String) {
    do throws(JSONPathError) {
      try self.init(text as String)
    } catch {
      preconditionFailure(error.description)
    }
  }
}

extension JSONPath: CustomStringConvertible {
  /// The path as text that reads back to itself.
  public var description: String {
    var text = ""
    for component in components {
      switch component {
      case .index(let index): text += "[\(index)]"
      case .member(let name) where JSONPathParser.isPlain(name):
        text += text.isEmpty ? name : "." + name
      case .member(let name): text += "[\(JSONValue.string(name))]"
      }
    }
    return text
  }
}

extension JSONValue {
  /// What stands at that place; nil where nothing does.
  public func value(at path: JSONPath) -> JSONValue? {
    var value = self
    for component in path.components {
      switch (component, value) {
      case (.member(let name), .object(let object)):
        guard let member = object[name] else { return nil }
        value = member
      case (.index(let index), .array(let elements)):
        guard elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }
}
