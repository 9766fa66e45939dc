import Model
import Storage
import Testing

@Suite("Objects are kept by single-object compare-and-swap")
struct StoreObjectTests {
  @Test("what was created is read back, with its version")
  func create() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    var written = object("a", owner: "o", partition: "p", "{\"x\":\"é\u{0}\"}")
    written.version = try await store.create(written)
    #expect(written.version == 1)
    #expect(try await store.get(written.key) == written)
    #expect(try await store.get(key("b")) == nil)
    #expect(try await store.get(key("a", kind: "Other")) == nil)
    #expect(try await store.get(key("a", in: "other")) == nil)
  }

  @Test("an empty body, and one of a mebibyte, are read back")
  func bodies() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    var big = object("big")
    big.body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    _ = try await store.create(object("empty", ""))
    _ = try await store.create(big)
    #expect(try await store.get(key("empty"))?.body == [])
    #expect(try await store.get(key("big"))?.body == big.body)
  }

  @Test("an update replaces everything but the key, and the version rises")
  func update() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let first = try await store.create(object("a", owner: "o", partition: "p"))
    _ = try await store.create(object("b"))
    var changed = object("a", version: first, owner: "o2", partition: "", "{\"y\":1}")
    changed.version = try await store.update(changed)
    #expect(changed.version == 3)
    #expect(try await store.get(changed.key) == changed)
    #expect(try await store.names(ObjectFilter(owner: "o")) == [])
    #expect(try await store.names(ObjectFilter(owner: "o2")) == ["a"])
    #expect(try await store.names(ObjectFilter(partition: "p")) == [])
  }

  @Test("a refused write names the key and both versions, and changes nothing")
  func refusals() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let first = try await store.create(object("a", "1"))
    let second = try await store.update(object("a", version: first, "2"))
    let conflict = StoreError.conflict(key("a"), expected: first, actual: second)
    await #expect(throws: conflict) { try await store.update(object("a", version: first, "3")) }
    await #expect(throws: conflict) { try await store.delete(key("a"), version: first) }
    await #expect(throws: StoreError.alreadyExists(key("a"))) {
      try await store.create(object("a", "4"))
    }
    await #expect(throws: StoreError.notFound(key("b"))) {
      try await store.update(object("b", version: 1))
    }
    await #expect(throws: StoreError.notFound(key("b"))) {
      try await store.delete(key("b"), version: 1)
    }
    #expect(try await store.get(key("a")) == object("a", version: second, "2"))
    #expect(try await store.list(ObjectFilter()).version == second)
  }

  @Test("what was deleted is gone, and may be created again with a higher version")
  func delete() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let first = try await store.create(object("a", owner: "o"))
    try await store.delete(key("a"), version: first)
    #expect(try await store.get(key("a")) == nil)
    #expect(try await store.names(ObjectFilter(owner: "o")) == [])
    #expect(try await store.create(object("a")) == 3)
  }

  @Test("of many who change one object at once, each change is made once")
  func contention() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    _ = try await store.create(object("counter", "0"))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          var done = 0
          while done < 10 {
            var present = try #require(try await store.get(key("counter")))
            let count = try #require(Int(String(decoding: present.body, as: UTF8.self)))
            present.body = Array(String(count + 1).utf8)
            do {
              _ = try await store.update(present)
              done += 1
            } catch StoreError.conflict {
              continue
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await store.get(key("counter"))?.body == Array("160".utf8))
  }

  @Test("a body beyond the limit is refused, with both sizes")
  func bodyLimit() async throws {
    let state = try StateDirectory()
    let store = try state.open(StoreLimits(bodyBytes: 10))
    _ = try await store.create(object("a", "0123456789"))
    let error = await #expect(throws: StoreError.self) {
      try await store.create(object("b", "0123456789a"))
    }
    #expect(error?.description.contains("has 11 bytes; the store keeps at most 10") == true)
  }
}

@Suite("Lists are filtered, ordered and paged")
struct StoreListTests {
  private func filled(_ state: StateDirectory) async throws -> SQLiteStore {
    let store = try state.open()
    for written in [
      object("b", in: "x", owner: "o1"), object("a", in: "y", partition: "p1"),
      object("a", in: "x", owner: "o1", partition: "p1"),
      object("a", kind: "Other", in: "x", owner: "o1", partition: "p2"),
      object("c", kind: "Other", in: "z"),
    ] { _ = try await store.create(written) }
    return store
  }

  @Test(
    "a filter's parts all have to match",
    arguments: [
      (ObjectFilter(), ["Other x/a", "Thing x/a", "Thing x/b", "Thing y/a", "Other z/c"]),
      (ObjectFilter(kind: "Thing"), ["Thing x/a", "Thing x/b", "Thing y/a"]),
      (ObjectFilter(kind: "Thing", namespace: "x"), ["Thing x/a", "Thing x/b"]),
      (ObjectFilter(namespace: "x"), ["Other x/a", "Thing x/a", "Thing x/b"]),
      (ObjectFilter(owner: "o1"), ["Other x/a", "Thing x/a", "Thing x/b"]),
      (ObjectFilter(kind: "Thing", owner: "o1"), ["Thing x/a", "Thing x/b"]),
      (ObjectFilter(owner: ""), ["Thing y/a", "Other z/c"]),
      (ObjectFilter(partition: "p1"), ["Thing x/a", "Thing y/a"]),
      (ObjectFilter(kind: "Thing", owner: "o1", partition: "p1"), ["Thing x/a"]),
      (ObjectFilter(kind: "None"), []), (ObjectFilter(owner: "None"), []),
    ])
  func filters(_ filter: ObjectFilter, _ expected: [String]) async throws {
    let state = try StateDirectory()
    let list = try await filled(state).list(filter)
    #expect(list.objects.map(\.key.description) == expected)
    #expect(list.objects.allSatisfy(filter.matches))
    #expect(list.version == 5)
  }

  @Test("pages together are the list", arguments: [1, 2, 3, 5, 6])
  func pages(_ limit: Int) async throws {
    let state = try StateDirectory()
    let store = try await filled(state)
    var found: [StoredObject] = []
    while true {
      let page = try await store.list(ObjectFilter(), after: found.last?.key, limit: limit)
      found += page.objects
      if page.objects.count < limit { break }
    }
    #expect(found == (try await store.list(ObjectFilter()).objects))
  }

  @Test(
    "a list longer than what is read at once is whole and in order", arguments: [63, 64, 65, 300])
  func long(_ count: Int) async throws {
    let state = try StateDirectory()
    let store = try state.open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<count {
        group.addTask { _ = try await store.create(object("n\(index)", partition: "p")) }
      }
      try await group.waitForAll()
    }
    let names = try await store.names(ObjectFilter(kind: "Thing", partition: "p"))
    #expect(names == (0..<count).map { "n\($0)" }.sorted())
  }
}
