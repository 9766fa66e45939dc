internal import Model
internal import Synchronization

/// Objects as they were committed last, for who reads what was written a moment ago: a pass reads
/// what the pass before it wrote.
///
/// The writing thread alone puts objects in, after their commit and before anybody is told of it;
/// nothing that is read gets in, as it could be older than a commit that came meanwhile. So what is
/// found here is never behind what its reader was told.
///
/// - Invariant: answers as the table does (guarded by `RecentObjectsTests`).
/// - Isolation: any thread.
final class RecentObjects: Sendable {
  private let entries: Mutex<RecentEntries<ObjectKey, StoredObject>>
  private let bytes: Int

  /// What an entry takes beside the object's body, roughly.
  private static let entryBytes = 256

  /// - Parameter bytes: of all objects that are kept, roughly.
  init(bytes: Int) {
    self.bytes = bytes
    entries = Mutex(RecentEntries(cost: bytes))
  }

  /// Nil where it is not among them; it may be in the table.
  func object(_ key: ObjectKey) -> StoredObject? { entries.withLock { $0[key] } }

  /// Takes note of a commit, in the order of the commits.
  func note(_ changes: [ObjectChange]) {
    entries.withLock { entries in
      for change in changes {
        let object = change.object
        if change.kind == .deleted {
          entries.remove(object.key)
        } else {
          entries.set(object, for: object.key, cost: object.body.count + Self.entryBytes)
        }
      }
    }
  }

  /// The store is closed: nothing is answered any more.
  func forget() { entries.withLock { $0 = RecentEntries(cost: bytes) } }
}
