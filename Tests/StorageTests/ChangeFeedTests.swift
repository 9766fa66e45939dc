import Model
import Testing

@testable import Storage

@Suite("The feed wakes whom a commit concerns, and moves the others along")
struct ChangeFeedTests {
  private static func change(_ version: UInt64, kind: String) -> ObjectChange {
    ObjectChange(kind: .updated, object: object("a", kind: kind, version: version))
  }

  /// What a watcher of "Rare" that waits after version 1 gets when `events` happen.
  private func delivery(_ feed: ChangeFeed, _ events: () -> Void) async -> ChangeFeed.Delivery {
    await withCheckedContinuation { continuation in
      let admission = feed.wait(id: 7, ObjectFilter(kind: "Rare"), after: 1, continuation)
      #expect(admission == .waits)
      events()
    }
  }

  @Test("a waiting watcher gets the matching changes of the commit that wakes it")
  func waking() async throws {
    let feed = ChangeFeed(published: 1, limit: 1)
    let delivery = await delivery(feed) {
      feed.publish([Self.change(2, kind: "Other")], version: 2)
      feed.publish([3, 4, 5].map { Self.change($0, kind: $0 == 4 ? "Other" : "Rare") }, version: 5)
      feed.publish([Self.change(6, kind: "Rare")], version: 6)
    }
    #expect(try delivery.outcome.get().map(\.object.version) == [3, 5])
    #expect(delivery.cursor == 5)
    #expect(feed.published == 6)
  }

  /// Else what is none of its business would compact it.
  @Test("changes that do not concern a waiting watcher move its place along")
  func patience() async {
    let feed = ChangeFeed(published: 1, limit: 1)
    let delivery = await delivery(feed) {
      for version: UInt64 in 2...100 {
        feed.publish([Self.change(version, kind: "Other")], version: version)
      }
      feed.cancel(id: 7)
    }
    #expect(delivery.outcome == .failure(ChangeFeed.cancelled))
    #expect(delivery.cursor == 100)
  }

  @Test("a watcher does not see again what it read from the table before it was published")
  func readAhead() async throws {
    let feed = ChangeFeed(published: 0, limit: 1)
    let delivery = await delivery(feed) {
      feed.publish([1, 2].map { Self.change($0, kind: "Rare") }, version: 2)
    }
    #expect(try delivery.outcome.get().map(\.object.version) == [2])
  }

  @Test("who is behind is sent to read, and who comes after the end is refused")
  func admission() async {
    let feed = ChangeFeed(published: 2, limit: 1)
    let behind = await withCheckedContinuation { (continuation: ChangeFeed.Continuation) in
      #expect(feed.wait(id: 1, ObjectFilter(), after: 1, continuation) == .behind)
      feed.close()
      #expect(
        feed.wait(id: 2, ObjectFilter(), after: 2, continuation) == .refused(ChangeFeed.closed))
      continuation.resume(returning: ChangeFeed.Delivery(outcome: .success([]), cursor: 0))
    }
    #expect(behind.cursor == 0)
  }
}
