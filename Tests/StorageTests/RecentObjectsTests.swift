import Model
import Testing

@testable import Storage

@Suite("What was written last is answered from memory as the table would answer it")
struct RecentObjectsTests {
  @Test("after each of many writes an object is read as it is in the table")
  func agreement() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    var versions: [String: UInt64] = [:]
    for round in 0..<200 {
      let name = "n\(round % 7)"
      switch (versions[name], round % 5) {
      case (nil, _): versions[name] = try await store.create(object(name, "[\(round)]"))
      case (let version?, 4):
        try await store.delete(key(name), version: version)
        versions[name] = nil
      case (let version?, _):
        versions[name] = try await store.update(object(name, version: version, "[\(round)]"))
      }
      let inTable = try await store.list(ObjectFilter(kind: "Thing")).objects
      for number in 0..<7 {
        let read = try await store.get(key("n\(number)"))
        #expect(read == inTable.first { $0.key.name == "n\(number)" })
      }
    }
  }

  @Test("a write that was refused is not remembered")
  func refusal() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    let version = try await store.create(object("a", "[1]"))
    await #expect(throws: StoreError.self) {
      try await store.update(object("a", version: version + 7, "[2]"))
    }
    #expect(try await store.get(key("a"))?.body == Array("[1]".utf8))
  }

  @Test("a closed store answers nothing from memory")
  func closed() async throws {
    let state = try StateDirectory()
    let store = try state.open()
    _ = try await store.create(object("a"))
    store.close()
    await #expect(throws: StoreError.self) { try await store.get(key("a")) }
  }
}
