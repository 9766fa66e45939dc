public import JSON

/// An intent is stored like every object, its own fields under `spec` and `status`, so that
/// `get intents` and scripts read it like any other.
extension Intent: JSONMappable {
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

  public var json: JSONValue {
    var metadata = JSONObject()
    metadata["name"] = .string(key.objectKey.name)
    metadata["namespace"] = .string(key.objectKey.namespace)
    metadata["uid"] = .string(uid)
    metadata.set("generation", generation)
    var spec = key.json.object ?? JSONObject()
    spec["desired"] = self.spec
    spec.set("version", specVersion)
    spec["owner"] = owner.json
    spec.set("references", references)
    spec["writer"] = writer.json
    spec.set("touches", touches)
    var status = JSONObject()
    status["state"] = .string(state.rawValue)
    if !observed.isNull { status["observed"] = observed }
    status.set("verifiedAt", verifiedAt)
    status.set("error", error)
    if failures > 0 { status.set("failures", failures) }
    status.set("notBefore", notBefore)
    if isReleased { status["released"] = true }
    return [
      "apiVersion": .string(APIVersion.current), "kind": .string(Self.kind),
      "metadata": .object(metadata), "spec": .object(spec), "status": .object(status),
    ]
  }

  public init(_ stored: StoredObject) throws(MappingError) {
    try self.init(JSONReader(JSONValue.stored(stored)))
    version = stored.version
  }

  public var stored: StoredObject {
    StoredObject(
      key: key.objectKey, uid: uid, version: version, owner: owner.uid, partition: key.target,
      body: json.serialized())
  }
}

/// The version of Mortise's own kinds.
public enum APIVersion {
  public static let current = "mortise.dev/v1"
}
