internal import Model
internal import PluginProto

/// Turns the store's changes into what a watcher with a selector is told: pure, and it remembers
/// only which objects it need not speak of.
///
/// An object that stops matching is told as deleted. The watcher may know it from before, so one
/// that never matched is told so, too, the first time that it changes.
struct SelectedChanges {
  /// Objects remembered at most; beyond it they are forgotten, and told as deleted once more.
  static let hiddenLimit = 4096

  let query: ListQuery
  private var hidden: Set<ObjectKey> = []

  init(_ query: ListQuery) {
    self.query = query
  }

  /// What the watcher is told; nil = nothing.
  mutating func event(for change: ObjectChange) -> HostV1.WatchEvent? {
    let key = change.object.key
    guard query.name.isEmpty || query.name == key.name else { return nil }
    let chosen = query.chosen(change.object)
    if change.kind != .deleted, let chosen {
      let isNew = hidden.remove(key) != nil || change.kind == .created
      return HostV1.WatchEvent(isNew ? .added : .modified, chosen)
    }
    if change.kind == .deleted {
      if hidden.remove(key) != nil { return nil }
    } else {
      if hidden.count >= Self.hiddenLimit { hidden = [] }
      guard hidden.insert(key).inserted, change.kind != .created else { return nil }
    }
    return HostV1.WatchEvent(.deleted, chosen ?? VisibleObject(change.object))
  }
}

extension HostV1.WatchEvent {
  init(_ type: HostV1.ChangeType, _ object: VisibleObject) {
    self.init()
    self.type = type
    self.object = object.document
    version = object.version
  }
}
