import JSON

/// Something that the driver does to the world, named so that it can be counted.
struct Effect: Hashable, Sendable {
  enum Name: String, Sendable, CaseIterable {
    case volumeCreated = "volume-created"
    case volumeImported = "volume-imported"
    case volumeRemoved = "volume-removed"
    case volumeReleased = "volume-released"
    case podCreated = "pod-created"
    case podStopped = "pod-stopped"
    case containerSpawned = "container-spawned"
    case proxySpawned = "proxy-spawned"
    case proxyStopped = "proxy-stopped"
  }

  var name: Name
  /// The intent's kind and key that it was done for.
  var kind: String
  var key: String
  /// Unique for the name: an effect done twice on purpose has two ids.
  var id: String

  var document: JSONValue {
    [
      "effect": .string(name.rawValue), "kind": .string(kind), "key": .string(key),
      "id": .string(id),
    ]
  }

  init(_ name: Name, kind: String, key: String, id: String) {
    self.name = name
    self.kind = kind
    self.key = key
    self.id = id
  }

  init?(_ document: JSONValue) {
    guard let name = document["effect"]?.string.flatMap(Name.init(rawValue:)),
      let kind = document["kind"]?.string, let key = document["key"]?.string,
      let id = document["id"]?.string
    else { return nil }
    self.init(name, kind: kind, key: key, id: id)
  }
}
