internal import Synchronization

/// Which plugins there are and which of them take calls, for readers on any thread.
///
/// Each plugin's runner writes its own entry; nobody else does.
final class PluginRegistry: Sendable {
  private struct Entry {
    var snapshot: PluginSnapshot
    var handle: PluginHandle?
  }

  /// By name, in the order in which they are shown.
  private let entries = Mutex<[Entry]>([])

  /// - Parameter handle: nil where the plugin takes no calls now.
  func publish(_ snapshot: PluginSnapshot, handle: PluginHandle?) {
    let entry = Entry(snapshot: snapshot, handle: handle)
    entries.withLock { entries in
      if let index = entries.firstIndex(where: { $0.snapshot.name == snapshot.name }) {
        entries[index] = entry
      } else {
        entries.append(entry)
        entries.sort { $0.snapshot.name < $1.snapshot.name }
      }
    }
  }

  /// The plugin that is asked for by `condition`; of several, the first by name.
  func ready(where condition: (PluginHandle) -> Bool) -> PluginHandle? {
    entries.withLock { entries in
      for entry in entries {
        if let handle = entry.handle, condition(handle) { return handle }
      }
      return nil
    }
  }

  var snapshots: [PluginSnapshot] {
    entries.withLock { entries in
      entries.map { entry in
        var snapshot = entry.snapshot
        if let handle = entry.handle { snapshot.inFlight = handle.inFlight.current }
        return snapshot
      }
    }
  }
}
