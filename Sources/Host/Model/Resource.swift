public import JSON

/// A declared object: what somebody asked for, and what became of it.
public struct Resource: Sendable {
  public var apiVersion: String
  public var kind: String
  public var metadata: ObjectMeta
  public var spec: JSONValue
  public var status: ResourceStatus
  /// The store's version of this reading; 0 before the first write.
  public var version: UInt64

  public init(
    apiVersion: String, kind: String, metadata: ObjectMeta, spec: JSONValue,
    status: ResourceStatus = ResourceStatus(), version: UInt64 = 0
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.metadata = metadata
    self.spec = spec
    self.status = status
    self.version = version
  }

  public var key: ObjectKey {
    ObjectKey(kind: kind, namespace: metadata.namespace, name: metadata.name)
  }

  /// `spec.paused`: freezes the resource in place, whatever its kind.
  public var isPaused: Bool { spec["paused"]?.bool ?? false }
}

extension Resource: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    self.init(
      apiVersion: try reader.required("apiVersion").string(),
      kind: try reader.required("kind").string(),
      metadata: try ObjectMeta(try reader.required("metadata")),
      spec: try reader.member("spec")?.value ?? .object(JSONObject()),
      status: try reader.member("status").map { status throws(MappingError) in
        try ResourceStatus(status)
      } ?? ResourceStatus())
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("apiVersion", apiVersion)
    object.put("kind", kind)
    object.set("metadata", metadata)
    object.put("spec", spec)
    object.set("status", status)
  }
}

extension Resource {
  /// Reads what `stored` wrote.
  ///
  /// - Throws: `MappingError` where the store holds something else: a newer host's or a damaged object.
  public init(_ stored: StoredObject) throws(MappingError) {
    try self.init(JSONReader(JSONValue.stored(stored)))
    version = stored.version
  }

  public var stored: StoredObject {
    StoredObject(
      key: key, uid: metadata.uid, version: version,
      owner: metadata.ownerReferences.first { $0.controller }?.uid ?? "",
      body: serialized(expectedBytes: 2048))
  }
}

extension JSONValue {
  /// The body of a stored object as a document, errors naming the object.
  static func stored(_ object: StoredObject) throws(MappingError) -> JSONValue {
    do {
      return try JSONValue(parsing: object.body)
    } catch {
      throw MappingError(path: "\(object.key)", message: "the store holds no JSON there: \(error)")
    }
  }
}
