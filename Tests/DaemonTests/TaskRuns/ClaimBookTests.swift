import Diagnostics
import Synchronization
import TTRPC
import Testing

@testable import Daemon
@testable import Model

/// Who was woken.
private final class Woken: Sendable {
  private let keys = Mutex<[String]>([])
  var names: [String] { keys.withLock { $0 } }
  func add(_ key: ObjectKey) { keys.withLock { $0.append(key.name) } }
}

@Suite("A key has one holder")
struct ClaimBookTests {
  private func holder(_ name: String) -> IntentOwner {
    IntentOwner(
      resource: ObjectKey(kind: TaskRun.kind, namespace: "default", name: name), uid: name)
  }

  private func book(_ store: MemoryStore, _ woken: Woken = Woken()) throws -> ClaimBook {
    ClaimBook(
      environment: EngineEnvironment(
        loop: try EventLoop.startThread("claims"), store: store, time: ManualTime(),
        ids: CountingIDs(), log: .discarding), wake: { woken.add($0) })
  }

  @Test("keys are taken in order, kept over a wait, and taken again by their holder")
  func order() async throws {
    let store = MemoryStore()
    let book = try book(store)
    #expect(try await book.take(["b"], for: holder("one")) == nil)
    #expect(try await book.take(["a", "b", "c"], for: holder("two"))?.holder == holder("one"))
    #expect(Set(store.all.map(\.key.name)) == ["a", "b"], "c comes after b, for which it waits")
    #expect(try await book.take(["b"], for: holder("one")) == nil)
  }

  @Test("who waits for a key is woken when it is let go, and nobody else")
  func wakes() async throws {
    let woken = Woken()
    let book = try book(MemoryStore(), woken)
    _ = try await book.take(["a", "b"], for: holder("one"))
    _ = try await book.take(["b"], for: holder("two"))
    _ = try await book.take(["c"], for: holder("three"))
    _ = try await book.take(["c"], for: holder("four"))
    try await book.release(holder("one"))
    #expect(woken.names == ["two"])
    #expect(try await book.take(["b"], for: holder("two")) == nil)
    try await book.release(holder("one"))
    #expect(woken.names == ["two"])
  }

  @Test("who gave up waiting is not woken")
  func gaveUp() async throws {
    let woken = Woken()
    let book = try book(MemoryStore(), woken)
    _ = try await book.take(["a"], for: holder("one"))
    _ = try await book.take(["a"], for: holder("two"))
    try await book.release(holder("two"))
    try await book.release(holder("one"))
    #expect(woken.names.isEmpty)
  }

  @Test("claims outlive the host that made them")
  func restart() async throws {
    let store = MemoryStore()
    _ = try await book(store).take(["a"], for: holder("one"))
    let next = try book(store)
    #expect(try await next.take(["a"], for: holder("two"))?.key == "a")
    try await next.release(holder("one"))
    #expect(store.all.isEmpty)
  }
}
