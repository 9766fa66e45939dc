import JSON

/// A StatefulSet: pods of one template, each with a stable name and address.
struct StatefulSetSpec: Equatable, Sendable {
  enum UpdateStrategy: String, Sendable {
    /// A pod of an older revision stays until it is evicted.
    case onDelete = "OnDelete"
    /// Pods of older revisions are replaced one at a time, the highest ordinal first.
    case rollingUpdate = "RollingUpdate"
  }

  static let maximumReplicas = 1000

  var replicas: Int
  var updateStrategy: UpdateStrategy
  var template: PodTemplate
  var volumes: [Volume]
  /// Content hash of the template: pods of one revision are made alike.
  var revision: String

  struct Volume: Equatable, Sendable {
    var name: String
    var claim: ObjectName
  }

  init(_ spec: JSONValue) throws(SpecError) {
    let reader = SpecReader(spec)
    try reader.members(only: ["replicas", "updateStrategy", "template", "volumes"])
    replicas = try reader.member("replicas")?.integer(in: 0...Self.maximumReplicas) ?? 1
    updateStrategy = .onDelete
    if let place = reader.member("updateStrategy") {
      guard let strategy = UpdateStrategy(rawValue: try place.string()) else {
        throw place.problem("must be OnDelete or RollingUpdate")
      }
      updateStrategy = strategy
    }
    let place = try reader.required("template")
    template = try PodTemplate(place)
    revision = Revision.of(place.value)
    volumes = []
    for (name, place) in try reader.member("volumes")?.namedMembers() ?? [] {
      guard ObjectName.isValidPart(name) else { throw place.problem("is no valid volume name") }
      volumes.append(Volume(name: name, claim: try place.objectName()))
    }
  }
}

/// The containers of a pod; sidecars start first and the others wait until they are started.
struct PodTemplate: Equatable, Sendable {
  static let maximumContainers = 16
  static let defaultGraceSeconds = 10

  var sidecars: [ContainerSpec]
  var containers: [ContainerSpec]
  /// From SIGTERM to SIGKILL.
  var graceSeconds: Int

  /// In the order in which they start.
  var all: [ContainerSpec] { sidecars + containers }

  init(_ place: SpecReader) throws(SpecError) {
    try place.members(only: [
      "annotations", "containers", "initContainers", "terminationGracePeriodSeconds",
    ])
    // Nothing reads them, but they are of the template's content, and so of its revision.
    for (_, annotation) in try place.member("annotations")?.namedMembers() ?? [] {
      _ = try annotation.string()
    }
    sidecars = []
    for reader in try place.member("initContainers")?.elements() ?? [] {
      let sidecar = try ContainerSpec(reader)
      guard reader.member("restartPolicy") != nil else {
        throw reader.problem("must have restartPolicy Always: only sidecars are supported here")
      }
      sidecars.append(sidecar)
    }
    let list = try place.required("containers")
    containers = []
    for reader in try list.elements() { containers.append(try ContainerSpec(reader)) }
    graceSeconds =
      try place.member("terminationGracePeriodSeconds")?.integer(in: 0...3600)
      ?? Self.defaultGraceSeconds
    guard !containers.isEmpty else { throw list.problem("must name at least one container") }
    let names = all.map(\.name)
    guard names.count <= Self.maximumContainers else {
      throw place.problem("has more than \(Self.maximumContainers) containers")
    }
    if let double = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw place.problem("has two containers named '\(double)'")
    }
  }
}
