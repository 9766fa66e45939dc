import JSON
import LinuxSystem
import Model
import PluginProto
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("get finds and lists, as one who knows kubectl expects")
struct GetTests {
  private static func node(_ name: String, in namespace: String = "default") -> Resource {
    var resource = Sample.resource(name, phase: "Running", observed: 1)
    resource.metadata.namespace = namespace
    return resource
  }

  private static let thing = Resource(
    apiVersion: "mortise.dev/v1", kind: "Thing", metadata: ObjectMeta(name: "one", uid: "t"),
    spec: [:])

  private static let objects = [
    node("redis"), node("cache"), node("redis", in: "prod"), thing,
  ]

  private func get(_ words: String..., objects: [Resource] = Self.objects) async throws
    -> CommandResult
  {
    let host = try FakeHost(HostRecord(objects))
    defer { try? host.stop() }
    return try await mortise(["get"] + words, host: host)
  }

  @Test("a list is of the default namespace, of the one that is named, or of all")
  func namespaces() async throws {
    #expect(try await get("statefulnodes", "-o", "name").lines.count == 2)
    #expect(try await get("statefulnodes", "-n", "prod", "-o", "name").lines.count == 1)
    let all = try await get("statefulnodes", "-A")
    #expect(
      all.lines.map { $0.split(separator: " ")[0] } == ["NAMESPACE", "default", "default", "prod"])
    let none = try await get("things", "-n", "prod")
    #expect(none.output == "")
    #expect(
      none.errors
        == "no things found in namespace prod; of all namespaces: mortise get things -A\n")
    #expect(none.code == .ok)
  }

  @Test(
    "several kinds and several names are understood",
    arguments: [
      (["statefulnode,thing"], ["statefulnode/redis", "statefulnode/cache", "thing/one"]),
      (["statefulnode", "cache", "redis"], ["statefulnode/cache", "statefulnode/redis"]),
      (["thing/one", "statefulnode/cache"], ["thing/one", "statefulnode/cache"]),
    ])
  func several(words: [String], names: [String]) async throws {
    let host = try FakeHost(HostRecord(Self.objects))
    defer { try? host.stop() }
    let result = try await mortise(["get"] + words + ["-o", "name"], host: host)
    #expect(result.lines == names)
    let table = try await mortise(["get"] + words, host: host)
    let hasKinds = Set(names.map { $0.prefix { $0 != "/" } }).count > 1
    #expect(table.output.contains("thing/one") == hasKinds)
  }

  @Test("what is there is shown, what isn't is told, and the exit status says so")
  func partly() async throws {
    let result = try await get("statefulnode", "redis", "gone", "lost", "-o", "name")
    #expect(result.code == .notFound)
    #expect(result.lines == ["statefulnode/redis"])
    #expect(result.errors.split(separator: "\n").count == 2)
    let mixed = try await get("statefulnode/redis", "cache")
    #expect(mixed.code == .usage)
  }

  @Test(
    "what is not found comes with what was meant probably",
    arguments: [
      ("statefulnode", "redsi", "; did you mean redis? See: mortise get statefulnode"),
      ("thing", "rabbit", "; there are: one. See: mortise get thing"),
      ("statefulnode", "queue", "; there are: redis, cache. See: mortise get statefulnode"),
      ("statefulnode", "db", "; there is one in namespace prod: -n prod"),
    ])
  func advice(kind: String, name: String, advice: String) async throws {
    let result = try await get(
      kind, name, objects: Self.objects + [Self.node("db", in: "prod")])
    #expect(result.code == .notFound)
    #expect(result.errors.hasSuffix("not found\(advice)\n"), "\(result.errors)")
  }

  @Test("a kind that nothing teaches comes with the nearest one that something does")
  func unknownKind() async throws {
    let unknown = RPCError(.notFound, reason: "UnknownKind", message: "no blueprint teaches it")
    let host = try FakeHost(
      HostRecord([CommandTests.blueprint]) { $0.failures = [unknown, unknown] })
    defer { try? host.stop() }
    let result = try await mortise("get", "statefulnod", host: host)
    #expect(result.code == .notFound)
    #expect(
      result.errors == "mortise: no blueprint teaches it; did you mean statefulnode? "
        + "See: mortise get blueprints\n")
  }

  @Test("--watch goes on with a row for each change, in the first columns' places")
  func watch() async throws {
    let changed = Sample.resource("redis", phase: "Initializing", plan: Sample.plan(complete: 1))
    let refused = RPCError(.permissionDenied, reason: "Enough", message: "the test is over")
    func host() throws -> FakeHost {
      try FakeHost(
        HostRecord([Self.node("redis"), Self.node("cache")]) { state in
          state.scripts = [
            [.changed(changed), .deleted(Self.node("cache")), .fail(refused)]
          ]
        })
    }
    let first = try host()
    defer { try? first.stop() }
    let rows = try await mortise("get", "statefulnodes", "-w", host: first)
    #expect(
      rows.lines == [
        "NAME   PHASE    PLAN  TASK  AGE", "redis  Running  -     -     1m00s",
        "cache  Running  -     -     1m00s",
        "redis  Initializing  init 1/3  apply-statefulset Pending  1m00s", "cache deleted",
      ])
    let second = try host()
    defer { try? second.stop() }
    let names = try await mortise("get", "statefulnodes", "-w", "-o", "name", host: second)
    #expect(names.lines == ["statefulnode/redis", "statefulnode/cache", "statefulnode/redis"])
  }

  @Test("no row is wider than the terminal, and names are cut last", arguments: [40, 60, 80])
  func width(columns: Int) async throws {
    var long = Sample.resource("redis", phase: "Initializing", plan: Sample.failedPlan())
    long.status.fields["image"] = .string(String(repeating: "registry/", count: 12) + "redis:7.0")
    let host = try FakeHost(HostRecord([long, CommandTests.blueprint]))
    defer { try? host.stop() }
    let result = try await mortise(
      "get", "statefulnodes", host: host, terminal: TerminalSize(columns: columns, rows: 24))
    for line in result.lines { #expect(DisplayText.width(line) <= columns, "\(line)") }
    #expect(result.lines.last?.hasPrefix("redis  ") == true)
    #expect(result.output.contains("…"))
  }

  @Test("a selector is the host's to read, and a list of many pages is one list")
  func pages() async throws {
    let nodes = (0..<7).map { Self.node("node-\($0)") }
    let host = try FakeHost(HostRecord(nodes) { $0.page = 3 })
    defer { try? host.stop() }
    let result = try await mortise(
      "get", "statefulnodes", "-l", "app=redis,tier!=cache", "-o", "name", host: host)
    #expect(result.lines == nodes.map(\.shortName))
    let call = "list statefulnodes default/  -l app=redis,tier!=cache"
    #expect(host.record.calls == [call, call, call])
  }
}
