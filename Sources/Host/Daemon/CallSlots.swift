internal import Model
internal import Synchronization

/// How many tasks each plugin and each type may be called for at once, and who waits for a place.
///
/// A plugin that hangs holds its own places and no one else's.
///
/// - Isolation: any; those who wait are woken after the lock is released.
/// - Invariant: whoever waits is woken at the latest when no call of the plugin is left, even where
///   others that were woken before took no place (guarded by `CallSlotsTests`).
final class CallSlots: Sendable {
  /// Execute calls of one plugin at once, whatever its types allow.
  static let perPlugin = 256

  private struct PluginCalls {
    var total = 0
    var byType: [String: Int] = [:]
    var waiting: [(resource: ObjectKey, type: String)] = []
  }

  private let plugins = Mutex<[String: PluginCalls]>([:])
  private let wake: @Sendable (ObjectKey) -> Void

  init(wake: @escaping @Sendable (ObjectKey) -> Void) {
    self.wake = wake
  }

  /// Takes a place, or notes who waits for one.
  ///
  /// - Parameter typeLimit: 0 = none.
  /// - Returns: nil where the place was taken: then `leave` is owed; else why there is none.
  func enter(
    plugin: String, type: String, typeLimit: Int, for resource: ObjectKey
  ) -> String? {
    plugins.withLock { plugins in
      var calls = plugins[plugin] ?? PluginCalls()
      defer { plugins[plugin] = calls }
      let ofType = calls.byType[type] ?? 0
      let full: String? =
        if typeLimit > 0, ofType >= typeLimit {
          "\(type) takes \(typeLimit) at once (its maxConcurrent), and \(ofType) are under way"
        } else if calls.total >= Self.perPlugin {
          "plugin \(plugin) has \(calls.total) tasks under way, as many as the host allows"
        } else {
          nil
        }
      if full == nil {
        calls.total += 1
        calls.byType[type] = ofType + 1
        calls.waiting.removeAll { $0.resource == resource }
      } else if !calls.waiting.contains(where: { $0.resource == resource }) {
        calls.waiting.append((resource, type))
      }
      return full
    }
  }

  /// Gives the place back.
  func leave(plugin: String, type: String) {
    let woken = plugins.withLock { plugins -> [ObjectKey] in
      guard var calls = plugins[plugin], let ofType = calls.byType[type] else {
        preconditionFailure("a place of \(plugin) is given back that nobody took")
      }
      let wasFull = calls.total >= Self.perPlugin
      calls.total -= 1
      calls.byType[type] = ofType == 1 ? nil : ofType - 1
      if calls.total == 0 {
        plugins[plugin] = nil
        return calls.waiting.map(\.resource)
      }
      let next = calls.waiting.firstIndex { wasFull || $0.type == type }
      let woken = next.map { [calls.waiting.remove(at: $0).resource] } ?? []
      plugins[plugin] = calls
      return woken
    }
    for resource in woken { wake(resource) }
  }
}
