public import JSON

/// An exclusive key, held for one resource: while it is there, nobody else's plan that needs the key
/// begins.
public struct Claim: Sendable, Equatable {
  public static let kind = "Claim"

  /// As the task type names it: "group/kitchen".
  public var key: String
  public var holder: IntentOwner
  public var since: Timestamp
  /// The store's version of this reading.
  public var version: UInt64

  public init(key: String, holder: IntentOwner, since: Timestamp) {
    self.key = key
    self.holder = holder
    self.since = since
    version = 0
  }

  /// Where the claim of a key is kept: there is one at most.
  public static func objectKey(of key: String) -> ObjectKey {
    ObjectKey(kind: kind, namespace: "default", name: key)
  }
}

extension Claim: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    let spec = try reader.required("spec")
    key = try spec.required("key").string()
    holder = try IntentOwner(try spec.required("holder"))
    since = try spec.required("since").timestamp()
    version = 0
  }

  public var json: JSONValue {
    let name = Self.objectKey(of: key)
    var spec = JSONObject()
    spec["key"] = .string(key)
    spec["holder"] = holder.json
    spec.set("since", since)
    return [
      "apiVersion": .string(APIVersion.current), "kind": .string(Self.kind),
      "metadata": ["name": .string(name.name), "namespace": .string(name.namespace)],
      "spec": .object(spec),
    ]
  }

  /// - Throws: `MappingError` where the store holds something else.
  public init(_ stored: StoredObject) throws(MappingError) {
    try self.init(JSONReader(JSONValue.stored(stored)))
    version = stored.version
  }

  public var stored: StoredObject {
    StoredObject(
      key: Self.objectKey(of: key), uid: holder.uid, version: version, owner: holder.uid,
      body: json.serialized())
  }
}
