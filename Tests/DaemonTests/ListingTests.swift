import JSON
import Model
import PluginProto
import TTRPC
import Testing

@testable import Daemon
@testable import Storage

@Suite("Lists come in pages that fit, and lose nothing")
struct ListingTests {
  @Test("pages follow each other without a gap, and all carry the version of the first")
  func pages() async throws {
    let host = try HostFixture()
    for number in 100..<225 { try await host.store("b\(number)") }
    var names: [String] = []
    var versions: Set<UInt64> = []
    var token = ""
    var pages = 0
    repeat {
      let reply = try await host.list { [token] request in
        request.limit = 50
        request.continueToken = token
      }
      #expect(reply.objects.count <= 50)
      names += try HostFixture.names(reply.objects)
      versions.insert(reply.version)
      token = reply.continueToken
      pages += 1
      // What is written meanwhile does not move what was read, nor the version.
      try await host.store("a\(pages)")
    } while !token.isEmpty
    #expect(names == (100..<225).map { "b\($0)" })
    #expect(pages == 3)
    #expect(versions == [125])
  }

  @Test("a page stops before it exceeds a frame, whatever limit was asked for")
  func frames() async throws {
    let host = try HostFixture()
    for number in 0..<9 { try await host.store("big-\(number)", padding: 1 << 20) }
    try await host.store("huge", padding: (4 << 20) - (65 << 10))
    var names: [String] = []
    var token = ""
    repeat {
      let reply = try await host.list { [token] in $0.continueToken = token }
      #expect(reply.serialized().count < 4 << 20)
      names += try HostFixture.names(reply.objects)
      token = reply.continueToken
    } while !token.isEmpty
    #expect(names == (0..<9).map { "big-\($0)" } + ["huge"])
  }

  @Test("a selector narrows a list at the host, page by page")
  func selector() async throws {
    let host = try HostFixture()
    for number in 100..<300 {
      try await host.store("b\(number)", labels: [("odd", number % 2 == 1 ? "yes" : "no")])
    }
    let first = try await host.list { request in
      request.selector = "odd=yes"
      request.limit = 60
    }
    let second = try await host.list { request in
      request.selector = "odd=yes"
      request.limit = 60
      request.continueToken = first.continueToken
    }
    let odd = (100..<300).filter { $0 % 2 == 1 }.map { "b\($0)" }
    #expect(try HostFixture.names(first.objects + second.objects) == odd)
    #expect(second.continueToken.isEmpty)
  }

  @Test(
    "what can't be read is refused with a reason",
    arguments: [
      ("a b", "", "InvalidSelector"), ("", "[1]", "InvalidContinueToken"),
      ("", "x", "InvalidContinueToken"),
    ])
  func refusals(_ selector: String, _ token: String, _ reason: String) async throws {
    let host = try HostFixture()
    let error = await #expect(throws: RPCError.self) {
      try await host.list { request in
        request.selector = selector
        request.continueToken = token
      }
    }
    #expect(error?.code == .invalidArgument)
    #expect(error?.reason == reason)
  }
}

@Suite("Watches tell what a selector chooses, and clients that vanish leave nothing")
struct WatchingTests {
  private func watch(from version: UInt64, selector: String = "") -> HostV1.WatchRequest {
    var request = HostV1.WatchRequest()
    request.kind = "Blueprint"
    request.fromVersion = version
    request.selector = selector
    return request
  }

  @Test("the present objects come first, in as many pages as it takes; then what changes")
  func presentFirst() async throws {
    let host = try HostFixture()
    for number in 0..<5 { try await host.store("big-\(number)", padding: 1 << 20) }
    let client = try host.client()
    defer { client.close() }
    var names: [String] = []
    for try await event in try await client.openStream(HostV1.Host.watch, watch(from: 0)) {
      names += try HostFixture.names([event.object])
      if names.count == 5 { try await host.store("late") }
      if names.count == 6 { break }
    }
    #expect(names == (0..<5).map { "big-\($0)" } + ["late"])
  }

  @Test("a version whose changes are gone is refused with what to do, and a new list helps")
  func compacted() async throws {
    let host = try HostFixture(limits: StoreLimits(history: 4))
    // Compaction comes in steps: enough writes that several have passed.
    for number in 0..<200 { try await host.store("b\(number)") }
    let client = try host.client()
    defer { client.close() }
    let error = await #expect(throws: RPCError.self) {
      for try await _ in try await client.openStream(HostV1.Host.watch, watch(from: 1)) {}
    }
    #expect(error?.code == .outOfRange)
    #expect(error?.reason == "VersionTooOld")
    #expect(error?.message.contains("list again") == true)
    let version = try await host.list().version
    let stream = try await client.openStream(HostV1.Host.watch, watch(from: version))
    try await host.store("new")
    for try await event in stream {
      #expect(try HostFixture.names([event.object]) == ["new"])
      break
    }
  }

  @Test("clients that vanish leave no watch behind")
  func vanish() async throws {
    let host = try HostFixture()
    let first = try await host.store("one")
    var clients: [Client] = []
    for _ in 0..<20 {
      let client = try host.client()
      clients.append(client)
      // The first event proves that the watch is under way.
      for try await _ in try await client.openStream(HostV1.Host.watch, watch(from: 0)) { break }
      _ = try await client.openStream(HostV1.Host.watch, watch(from: first.version))
    }
    let store = host.engine.store
    try await host.engine.until("all watches wait") { store.waitingWatches == 40 }
    for client in clients { client.close() }
    try await host.engine.until("no watch is left") { store.waitingWatches == 0 }
    try await host.store("two")
  }
}

@Suite("What a watcher with a selector is told")
struct SelectedChangesTests {
  private func change(
    _ kind: ObjectChange.Kind, _ name: String = "one", app: String?
  ) -> ObjectChange {
    var metadata = ObjectMeta(name: name)
    if let app { metadata.labels = [("app", app)] }
    let stored = Resource(
      apiVersion: APIVersion.current, kind: "Box", metadata: metadata, spec: [:]
    ).stored
    return ObjectChange(kind: kind, object: stored)
  }

  private func told(_ changes: [ObjectChange]) throws -> [HostV1.ChangeType?] {
    var selected = SelectedChanges(
      ListQuery(filter: ObjectFilter(kind: "Box"), selector: try LabelSelector(parsing: "app=a")))
    return changes.map { selected.event(for: $0)?.type }
  }

  @Test("a row a life of an object")
  func lives() throws {
    let rows: [([(ObjectChange.Kind, String?)], [HostV1.ChangeType?])] = [
      ([(.created, "a"), (.updated, "a"), (.deleted, "a")], [.added, .modified, .deleted]),
      ([(.created, "b"), (.updated, "b"), (.deleted, "b")], [nil, nil, nil]),
      (
        [(.created, nil), (.updated, "a"), (.updated, nil), (.deleted, nil)],
        [nil, .added, .deleted, nil]
      ),
      // Not seen created: the watcher may know it, so it is told once that it is out.
      ([(.updated, "b"), (.updated, "b"), (.updated, "a")], [.deleted, nil, .added]),
      ([(.updated, "a"), (.deleted, "a")], [.modified, .deleted]),
      ([(.deleted, "b")], [.deleted]),
    ]
    for (life, events) in rows {
      #expect(try told(life.map { change($0.0, app: $0.1) }) == events, "\(life)")
    }
  }

  @Test("what is remembered has a limit; beyond it objects are told as deleted once more")
  func bound() throws {
    var changes = (0...SelectedChanges.hiddenLimit).map { change(.created, "o\($0)", app: "b") }
    changes.append(change(.updated, "o1", app: "b"))
    let events = try told(changes)
    #expect(events.dropLast().allSatisfy { $0 == nil })
    #expect(events.last == .deleted)
  }
}
