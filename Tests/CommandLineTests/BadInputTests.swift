import Glibc
import LinuxSystem
import Testing

@testable import MortiseCLI

@Suite("nothing bad is accepted, and all of it is explained", .timeLimit(.minutes(5)))
struct BadInputTests {
  private struct Row {
    var name: String
    var text: String
    /// Beginnings of the lines that are told; "…" stands for anything.
    var told: [String]
  }

  private static func thing(_ name: String, _ rest: String = "spec: {path: /x}") -> String {
    "apiVersion: mortise.dev/v1\nkind: Thing\nmetadata: {name: \(name)}\n\(rest)\n"
  }

  private static func blueprint(_ tasks: String) -> String {
    """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: other}
    spec:
      kind: Other
      target: local
      schema: {type: object, properties: {path: {type: string}}}
      plans:
      - name: init
        when: {phaseIn: [Pending]}
        tasks: \(tasks)

    """
  }

  /// Ten levels, each of ten aliases of the one before.
  private static func anchors() -> String {
    var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    var before = "a"
    for name in ["b", "c", "d", "e", "f", "g", "h", "i", "j"] {
      let aliases = Array(repeating: "*" + before, count: 10).joined(separator: ", ")
      text += "\(name): &\(name) [\(aliases)]\n"
      before = name
    }
    return text
  }

  /// A thing that the other one owns.
  private static func owned(_ name: String, by owner: String) -> String {
    thing(name).replacing(
      "{name: \(name)}", with: "{name: \(name), ownerReferences: [{kind: Thing, name: \(owner)}]}")
  }

  private static let rows: [Row] = [
    Row(name: "broken YAML", text: "a: [1, 2\nb: 3\n", told: ["FILE:2:…"]),
    Row(
      name: "a key that is there twice", text: thing("one") + "kind: Thing\n",
      told: ["FILE:5:1: …\"kind\" is there twice"]),
    Row(
      name: "unknown fields", text: thing("one", "spec: {path: /x, pth: /y}\nextra: 1"),
      told: ["FILE:5:8: extra: unknown field…"]),
    Row(
      name: "an unknown field of the spec", text: thing("one", "spec: {path: /x, pth: /y}"),
      told: ["FILE:4:23: spec.pth: unknown field; …path"]),
    Row(
      name: "a spec that breaks its schema", text: thing("one", "spec: {path: 7}"),
      told: ["FILE:4:14: spec.path: must be a string, is an integer"]),
    Row(
      name: "an unknown kind", text: thing("one").replacing("kind: Thing", with: "kind: Thimg"),
      told: ["FILE:2:7: kind: no blueprint teaches the kind \"Thimg\"; …Thing"]),
    Row(
      name: "an unknown task type", text: blueprint("[{type: await-fil}]"),
      told: [
        "FILE:11:20: spec.plans[0].tasks[0].type: no installed plugin offers the task type "
          + "\"await-fil\"; did you mean await-file? Install the plugin first…"
      ]),
    Row(
      name: "a version that no plugin has",
      text: blueprint("[{type: await-file, version: \">=7\"}]"),
      told: [
        "FILE:11:20: …no installed plugin offers await-file >=7; there is 1.0.0 of files@1.0.0"
      ]),
    Row(
      name: "a reference that can't resolve",
      text: blueprint("[{type: await-file, params: {path: \"${spec.pth}\"}}]"),
      told: [
        "FILE:11:47: spec.plans[0].tasks[0].params.path: spec has no \"pth\"…did you mean path?"
      ]),
    Row(
      name: "a reference to a task that comes later",
      text: blueprint("[{type: await-file, params: {path: \"${tasks.b.outputs.x}\"}}]"),
      told: ["FILE:11:…: spec.plans[0].tasks[0].params: refers to an output of \"b\"…"]),
    Row(
      name: "a cycle of owners",
      text: owned("one", by: "two") + "---\n" + owned("two", by: "one"),
      told: [
        "FILE:3:…: metadata.ownerReferences: it would own itself: Thing default/one is owned by "
          + "Thing default/two is owned by Thing default/one",
        "FILE:8:…: metadata.ownerReferences: it would own itself: …",
      ]),
    Row(
      name: "a name that is too long", text: thing(String(repeating: "n", count: 64)),
      told: ["FILE:3:18: metadata.name: …at most 63 characters"]),
    Row(
      name: "10,000 levels", text: "a: " + String(repeating: "[", count: 10_000),
      told: ["FILE:1:…nested deeper than …levels"]),
    Row(
      name: "anchors that explode", text: anchors(), told: ["FILE:…aliases stand for more than …"]),
    Row(
      name: "several at once, in several documents",
      text: thing("good") + "---\n" + thing("Bad") + "---\n" + thing("worse", "spec: {}"),
      told: ["FILE:8:…: metadata.name: …", "FILE:14:…: spec.path: …"]),
  ]

  @Test("each is refused with its place, what was expected and what to do, and nothing is applied")
  func table() async throws {
    let place = try WaitingPlace()
    defer { try? place.remove() }
    let host = try place.start()
    try await host.errorLine(with: "ready")
    // The kind is there; of the rest nothing may be.
    let kind = String(decoding: try FileSystem.read(place.manifest), as: UTF8.self)
      .split(separator: "---\n")[0]
    #expect(try await place.run(["apply", "-f", "-"], input: String(kind)).code == .ok)
    let before = try await place.run(["get", "blueprints", "-o", "json"])
    for row in Self.rows {
      let file = "\(place.place.path)/bad.yaml"
      try AtomicFile.write(row.text.utf8, to: file)
      for command in [["apply"], ["apply", "--dry-run"], ["plan"]] {
        let result = try await place.run(command + ["-f", file])
        #expect(result.code == .refused, "\(row.name): \(result.output)\(result.errors)")
        let lines = result.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == row.told.count, "\(row.name): \(result.errors)")
        for (line, told) in zip(lines, row.told) {
          let pattern = told.replacing("FILE", with: file)
          #expect(Self.matches(line, pattern), "\(row.name): \(line)")
        }
      }
    }
    // A good file beside a bad one is not applied either.
    let good = "\(place.place.path)/good.yaml"
    try AtomicFile.write(Self.thing("good").utf8, to: good)
    let both = try await place.run(["apply", "-f", good, "-f", "\(place.place.path)/bad.yaml"])
    #expect(both.code == .refused)
    #expect(try await place.run(["get", "things", "-A", "-o", "name"]).output == "")
    #expect(try await place.run(["get", "blueprints", "-o", "json"]).output == before.output)
    try host.process.pidfd.signal(SIGTERM)
    #expect(try await host.ended() == .exited(code: 0))
  }

  @Test("50 MB are refused before they are read, from a file and from standard input")
  func tooLarge() async throws {
    let path = "/tmp/mortise-large-\(UInt64.random(in: 0...UInt64.max)).yaml"
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT)
    defer { try? FileSystem.remove(path) }
    try #require(ftruncate(file.number, 50 << 20) == 0)
    let result = try await mortise("apply", "-f", path)
    #expect(result.code == .refused)
    #expect(result.errors == "\(path): is longer than 4194304 bytes: split it into several files\n")
    // Each for itself is small enough, together they are not.
    let half = "/tmp/mortise-half-\(UInt64.random(in: 0...UInt64.max)).yaml"
    try AtomicFile.write(Array(repeating: UInt8(ascii: "#"), count: 3 << 20), to: half)
    defer { try? FileSystem.remove(half) }
    let both = try await mortise("apply", "-f", half, "-f", half)
    #expect(both.code == .refused)
    #expect(both.errors.contains("apply them in several"))
  }

  /// Whether the line begins as the pattern says, where "…" stands for anything.
  private static func matches(_ line: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
    guard line.hasPrefix(parts[0]) else { return false }
    var rest = Substring(line).dropFirst(parts[0].count)
    for part in parts.dropFirst() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}
