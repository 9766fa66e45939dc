/// The key of a namespaced object, `NAMESPACE/NAME`, fit to be a path on disk.
///
/// - Invariant: neither part can leave its directory: lower-case letters, digits, `-` and `.`,
///   beginning and ending with a letter or digit (guarded by `SpecTests`).
struct ObjectName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Kubernetes' limit for a DNS subdomain.
  static let maximumPartLength = 253

  let namespace: String
  let name: String

  init(namespace: String, name: String) {
    precondition(Self.isValidPart(namespace) && Self.isValidPart(name))
    self.namespace = namespace
    self.name = name
  }

  /// Nil where the key is no `NAMESPACE/NAME`.
  init?(_ key: String) {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, Self.isValidPart(parts[0]), Self.isValidPart(parts[1]) else {
      return nil
    }
    namespace = parts[0]
    name = parts[1]
  }

  var description: String { "\(namespace)/\(name)" }

  static func < (left: ObjectName, right: ObjectName) -> Bool {
    (left.namespace, left.name) < (right.namespace, right.name)
  }

  static func isValidPart(_ part: String) -> Bool {
    let bytes = part.utf8
    guard let first = bytes.first, let last = bytes.last, bytes.count <= maximumPartLength else {
      return false
    }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy {
        isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
      }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension SpecReader {
  func objectName() throws(SpecError) -> ObjectName {
    guard let name = ObjectName(try string()) else {
      throw problem("must be NAMESPACE/NAME in lower-case letters, digits, '-' and '.'")
    }
    return name
  }

  /// A single name: of a container or a volume.
  func partName() throws(SpecError) -> String {
    let name = try string()
    guard ObjectName.isValidPart(name) else {
      throw problem("must be a name of lower-case letters, digits, '-' and '.'")
    }
    return name
  }
}
