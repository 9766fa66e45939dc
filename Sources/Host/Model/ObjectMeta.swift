public import JSON

/// What every object has, whatever its kind.
public struct ObjectMeta: Sendable {
  public var name: String
  public var namespace: String
  /// Given by the host at creation; an object deleted and made again has another.
  public var uid: String
  /// Rises with every change of spec.
  public var generation: Int64
  public var labels: [(name: String, value: String)]
  public var annotations: [(name: String, value: String)]
  public var ownerReferences: [OwnerReference]
  public var finalizers: [String]
  public var creationTimestamp: Timestamp?
  /// Set = on its way out; the object goes when its last finalizer has gone.
  public var deletionTimestamp: Timestamp?

  public init(name: String, namespace: String = "default", uid: String = "", generation: Int64 = 1)
  {
    self.name = name
    self.namespace = namespace
    self.uid = uid
    self.generation = generation
    labels = []
    annotations = []
    ownerReferences = []
    finalizers = []
  }
}

/// An object on whose behalf this one exists.
public struct OwnerReference: Sendable, Equatable {
  public var kind: String
  public var name: String
  /// Empty in a manifest: the owner that is there when it is applied.
  public var uid: String
  /// The one owner that manages this object.
  public var controller: Bool

  public init(kind: String, name: String, uid: String, controller: Bool) {
    self.kind = kind
    self.name = name
    self.uid = uid
    self.controller = controller
  }
}

extension OwnerReference: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    kind = try reader.required("kind").string()
    name = try reader.required("name").string()
    uid = try reader.member("uid")?.string() ?? ""
    controller = try reader.member("controller")?.bool() ?? false
  }

  public var json: JSONValue {
    var object = JSONObject([("kind", .string(kind)), ("name", .string(name))])
    object.set("uid", uid)
    object["controller"] = .bool(controller)
    return .object(object)
  }
}

extension ObjectMeta: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    try reader.refuseMembers(except: [
      "name", "namespace", "uid", "generation", "resourceVersion", "labels", "annotations",
      "ownerReferences", "finalizers", "creationTimestamp", "deletionTimestamp",
    ])
    name = try reader.required("name").string()
    namespace = try reader.member("namespace")?.string() ?? "default"
    uid = try reader.member("uid")?.string() ?? ""
    generation = try reader.member("generation")?.integer() ?? 1
    labels = try reader.stringMap("labels")
    annotations = try reader.stringMap("annotations")
    ownerReferences = try reader.list("ownerReferences", of: OwnerReference.self)
    finalizers = try reader.strings("finalizers")
    creationTimestamp = try reader.member("creationTimestamp")?.timestamp()
    deletionTimestamp = try reader.member("deletionTimestamp")?.timestamp()
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("name", name)
    object.put("namespace", namespace)
    object.set("uid", uid)
    object.set("generation", generation)
    object.set("labels", labels)
    object.set("annotations", annotations)
    object.set("ownerReferences", ownerReferences)
    object.set("finalizers", finalizers)
    object.set("creationTimestamp", creationTimestamp)
    object.set("deletionTimestamp", deletionTimestamp)
  }
}

extension ObjectMeta {
  /// Its value names the plan that is to end, or whose failure is not to be waited out.
  public static let replanAnnotation = "mortise.dev/replan"

  /// Its value names the plan that is to end, and after which none is stamped for its generation.
  public static let cancelAnnotation = "mortise.dev/cancel"

  public var cancelRequest: String? {
    annotations.first { $0.name == Self.cancelAnnotation }?.value
  }

  public var replanRequest: String? {
    annotations.first { $0.name == Self.replanAnnotation }?.value
  }
}
