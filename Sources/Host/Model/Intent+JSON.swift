public import JSON

/// An intent is stored like every object, its own fields under `spec` and `status`, so that
/// `get intents` and scripts read it like any other.
extension Intent: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    let metadata = try reader.required("metadata")
    let spec = try reader.required("spec")
    let status = try reader.required("status")
    uid = try metadata.required("uid").string()
    generation = try metadata.required("generation").integer()
    key = try IntentKey(spec)
    self.spec = try spec.member("desired")?.value ?? .null
    specVersion = try spec.member("version")?.integer() ?? 0
    owner = try IntentOwner(try spec.required("owner"))
    references = try spec.list("references", of: IntentKey.self)
    writer = try IntentWriter(try spec.required("writer"))
    touches = try spec.list("touches", of: Touch.self)
    state = try status.required("state").choice(IntentState.self)
    observed = try status.member("observed")?.value ?? .null
    verifiedAt = try status.member("verifiedAt")?.timestamp()
    error = try status.member("error").map { error throws(MappingError) in try TaskError(error) }
    failures = try status.member("failures")?.integer() ?? 0
    notBefore = try status.member("notBefore")?.timestamp()
    isReleased = try status.member("released")?.bool() ?? false
    version = 0
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("apiVersion", APIVersion.current)
    object.put("kind", Self.kind)
    object.put("metadata") { metadata in
      metadata.put("name", key.objectKey.name)
      metadata.put("namespace", key.target)
      metadata.put("uid", uid)
      metadata.set("generation", generation)
    }
    object.put("spec") { spec in
      key.writeMembers(to: &spec)
      spec.put("desired", self.spec)
      spec.set("version", specVersion)
      spec.set("owner", owner)
      spec.set("references", references)
      spec.set("writer", writer)
      spec.set("touches", touches)
    }
    object.put("status") { status in
      status.put("state", state.rawValue)
      if !observed.isNull { status.put("observed", observed) }
      status.set("verifiedAt", verifiedAt)
      status.set("error", error)
      if failures > 0 { status.set("failures", failures) }
      status.set("notBefore", notBefore)
      if isReleased { status.put("released", true) }
    }
  }

  public init(_ stored: StoredObject) throws(MappingError) {
    try self.init(JSONReader(JSONValue.stored(stored)))
    version = stored.version
  }

  public var stored: StoredObject {
    StoredObject(
      key: key.objectKey, uid: uid, version: version, owner: owner.uid, partition: key.target,
      body: serialized(expectedBytes: 1024))
  }
}

/// The version of Mortise's own kinds.
public enum APIVersion {
  public static let current = "mortise.dev/v1"
}
