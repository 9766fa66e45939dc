internal import Model
internal import Synchronization

/// A watcher's place in the changes.
///
/// - Isolation: one `next` at a time, from any executor.
final class StoreWatch: ObjectWatch {
  private let id: UInt64
  private let filter: ObjectFilter
  private let feed: ChangeFeed
  private let reads: StoreReads
  /// Everything up to this version was delivered.
  private let cursor: Mutex<UInt64>

  /// Changes that one `next` reads from the table at most.
  private static let pageLimit = 256

  init(_ filter: ObjectFilter, after version: UInt64, feed: ChangeFeed, reads: StoreReads) {
    id = feed.makeID()
    self.filter = filter
    self.feed = feed
    self.reads = reads
    cursor = Mutex(version)
  }

  func next() async throws(StoreError) -> [ObjectChange] {
    while true {
      if feed.published > cursor.withLock({ $0 }) {
        let changes = try missed()
        if !changes.isEmpty { return changes }
      }
      if let changes = try await live() { return changes }
    }
  }

  /// What was committed since the last delivery, from the table.
  private func missed() throws(StoreError) -> [ObjectChange] {
    let seen = cursor.withLock { $0 }
    let page = try reads.now { (reader) throws(SQLiteError) in
      try reader.changes(filter, after: seen, limit: Self.pageLimit)
    }
    if seen < page.floor { throw .compacted(oldest: page.floor + 1) }
    cursor.withLock { $0 = page.version }
    return page.changes
  }

  /// The next commit that matters; nil where one has come already and is to be read.
  private func live() async throws(StoreError) -> [ObjectChange]? {
    let seen = cursor.withLock { $0 }
    let delivery = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: ChangeFeed.Continuation) in
        switch feed.wait(id: id, filter, after: seen, continuation) {
        case .waits: break
        case .behind:
          continuation.resume(returning: ChangeFeed.Delivery(outcome: .success([]), cursor: seen))
        case .refused(let error):
          continuation.resume(
            returning: ChangeFeed.Delivery(outcome: .failure(error), cursor: seen))
        }
      }
    } onCancel: {
      feed.cancel(id: id)
    }
    cursor.withLock { $0 = delivery.cursor }
    let changes = try delivery.outcome.get()
    return changes.isEmpty ? nil : changes
  }
}
