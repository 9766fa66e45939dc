internal import JSON
internal import Model

/// A change of an object, told as ADDED, MODIFIED or DELETED.
struct WatchChange {
  enum Kind: String {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  var kind: Kind
  var object: HostObject

  var line: JSONValue { ["type": .string(kind.rawValue), "object": object.document] }

  func show(on board: ProgressBoard) throws(CommandFailure) {
    switch kind {
    case .added, .modified: try board.update(object.resource)
    case .deleted: try board.remove(object.resource.key, named: object.shortName)
    }
  }

  /// What the event means for somebody who knows these objects already.
  static func changes(_ event: ObjectFeed.Event, _ known: inout [ObjectKey: HostObject])
    -> [WatchChange]
  {
    switch event {
    case .lost:
      return []
    case .changed(let object):
      return note(object, &known).map { [$0] } ?? []
    case .deleted(let object):
      known[object.resource.key] = nil
      return [WatchChange(kind: .deleted, object: object)]
    case .present(let objects):
      let present = Set(objects.map(\.resource.key))
      let gone = known.filter { !present.contains($0.key) }.values.sorted { $0.name < $1.name }
      for object in gone { known[object.resource.key] = nil }
      return gone.map { WatchChange(kind: .deleted, object: $0) }
        + objects.compactMap { note($0, &known) }
    }
  }

  /// Nil where nothing changed: after a reconnection all that is there comes again.
  private static func note(_ object: HostObject, _ known: inout [ObjectKey: HostObject])
    -> WatchChange?
  {
    let before = known.updateValue(object, forKey: object.resource.key)
    guard let before else { return WatchChange(kind: .added, object: object) }
    return before.document == object.document ? nil : WatchChange(kind: .modified, object: object)
  }
}
