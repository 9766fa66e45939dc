internal import JSON
internal import Model

/// An object as the host sent it: whole for scripts, mapped for people.
struct HostObject: Sendable {
  var document: JSONValue
  var resource: Resource

  /// - Throws: exit code 1 where the host speaks of objects in another way than this program knows.
  init(_ bytes: [UInt8]) throws(CommandFailure) {
    document = try .sent(bytes)
    resource = try document.mapped()
  }

  var name: String { resource.metadata.name }

  /// "statefulnode/redis".
  var shortName: String { resource.shortName }
}

extension Resource {
  /// "statefulnode/redis": how the command line names it, and takes it back.
  var shortName: String { "\(kind.lowercased())/\(metadata.name)" }

  var reference: ObjectReference {
    ObjectReference(
      kind: kind.lowercased(), namespace: metadata.namespace, name: metadata.name)
  }
}

extension JSONValue {
  /// What a host sent.
  ///
  /// - Throws: exit code 1 where it is no JSON.
  static func sent(_ bytes: [UInt8]) throws(CommandFailure) -> JSONValue {
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw unreadable(error)
    }
  }

  /// What a host sent, as the model's type.
  ///
  /// - Throws: exit code 1 where the host speaks of it in another way than this program knows.
  func mapped<Value: JSONMappable>() throws(CommandFailure) -> Value {
    do throws(MappingError) {
      return try Value(JSONReader(self))
    } catch {
      throw Self.unreadable(error)
    }
  }

  private static func unreadable(_ error: any Error) -> CommandFailure {
    CommandFailure(
      .failed,
      "mortise: the host sent something that this version can't read (\(error)); "
        + "use the command line that came with the host")
  }
}
