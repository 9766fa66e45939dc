internal import JSON
internal import Model

/// An object as the host sent it: whole for scripts, mapped for people.
struct HostObject: Sendable {
  var document: JSONValue
  var resource: Resource

  /// - Throws: exit code 1 where the host speaks of objects in another way than this program knows.
  init(_ bytes: [UInt8]) throws(CommandFailure) {
    do {
      document = try JSONValue(parsing: bytes)
      resource = try Resource(JSONReader(document))
    } catch {
      throw CommandFailure(
        .failed,
        "mortise: the host sent an object that this version can't read (\(error)); "
          + "use the command line that came with the host")
    }
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
