import Daemon
import JSON
import LinuxSystem
import Model
import PluginProto
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("commands talk to a host over its socket")
struct CommandTests {
  static let running = {
    var resource = Sample.resource(phase: "Running", observed: 1)
    resource.status.fields["image"] = "redis:7.0"
    return resource
  }()

  static let blueprint = Resource(
    apiVersion: "mortise.dev/v1", kind: "Blueprint", metadata: ObjectMeta(name: "statefulnode"),
    spec: [
      "kind": "StatefulNode", "target": "local",
      "printerColumns": [["name": "Image", "path": "status.image"]],
    ])

  @Test(
    "without a host a command says where it looked and how to start one",
    arguments: [["get", "nodes"], ["watch", "nodes"], ["describe", "n/a"], ["delete", "n/a"]])
  func unreachable(arguments: [String]) async throws {
    let result = try await mortise(arguments)
    #expect(result.code == .unreachable)
    #expect(
      result.errors.hasPrefix(
        "mortise: no host answers at /does/not/exist.sock; start one with: mortise serve"))
  }

  @Test("version tells this program's and the host's, and no host is no failure")
  func version() async throws {
    let host = try FakeHost(HostRecord())
    defer { try? host.stop() }
    let both = try await mortise("version", host: host)
    #expect(
      both.lines == ["mortise \(HostVersion.current)", "host    9.9.9, for 1m00s, at \(host.path)"])
    let none = try await mortise("version")
    #expect(none.code == .ok)
    #expect(none.lines.last == "no host answers at /does/not/exist.sock")
    #expect(try await mortise("version", "--client").lines == ["mortise \(HostVersion.current)"])
    let json = try await mortise("version", "-o", "json", host: host)
    #expect(try JSONValue(parsing: json.output)["host"]?["version"] == "9.9.9")
  }

  @Test("get lists objects in a table with the columns of their blueprint")
  func get() async throws {
    var planned = Sample.resource("cache", phase: "Initializing", plan: Sample.plan(complete: 1))
    planned.status.fields["image"] = "redis:7.2"
    let host = try FakeHost(HostRecord([Self.running, planned, Self.blueprint]))
    defer { try? host.stop() }
    let result = try await mortise("get", "statefulnode", host: host)
    #expect(
      result.lines == [
        "NAME   PHASE         PLAN      TASK                       IMAGE      AGE",
        "redis  Running       -         -                          redis:7.0  1m00s",
        "cache  Initializing  init 1/3  apply-statefulset Pending  redis:7.2  1m00s",
      ])
    #expect(result.code == .ok)
    let wide = try await mortise("get", "statefulnode", "-o", "wide", host: host)
    #expect(wide.lines.first?.hasPrefix("NAMESPACE  NAME ") == true)
    #expect(wide.lines.first?.hasSuffix("GENERATION  UID        AGE") == true)
    let names = try await mortise("get", "statefulnode", "-o", "name", host: host)
    #expect(names.lines == ["statefulnode/redis", "statefulnode/cache"])
  }

  @Test("get prints one object as the host sent it")
  func getOne() async throws {
    let host = try FakeHost(HostRecord([Self.running]))
    defer { try? host.stop() }
    let json = try await mortise("get", "statefulnode/redis", "-o", "json", host: host)
    #expect(try JSONValue(parsing: json.output) == Self.running.json)
    let yaml = try await mortise("get", "statefulnode", "redis", "-o", "yaml", host: host)
    #expect(yaml.output == YAMLWriter.document(Self.running.json))
    #expect(
      host.record.calls == ["get statefulnode default/redis", "get statefulnode default/redis"])
    let list = try await mortise("get", "statefulnode", "-o", "json", host: host)
    #expect(try JSONValue(parsing: list.output)["items"] == [Self.running.json])
  }

  @Test(
    "one value is printed by its path: texts bare, the rest as JSON, nothing as an empty line",
    arguments: [
      ("status.phase", "Running"), ("{.status.phase}", "Running"), (".spec.image", "redis:7.0"),
      ("metadata.generation", "1"), ("spec", "{\"image\":\"redis:7.0\"}"), ("status.none", ""),
    ])
  func jsonPath(path: String, value: String) async throws {
    let host = try FakeHost(HostRecord([Self.running]))
    defer { try? host.stop() }
    let result = try await mortise(
      "get", "statefulnode/redis", "-o", "jsonpath=" + path, host: host)
    #expect(result.output == value + "\n")
    #expect(result.code == .ok)
  }

  @Test("what is no path is refused before the host is asked")
  func badPath() async throws {
    let result = try await mortise("get", "nodes", "-o", "jsonpath=a[")
    #expect(result.code == .usage)
    #expect(result.errors.contains("is no path"))
  }

  @Test("what isn't there is named, with what to look at")
  func notFound() async throws {
    let host = try FakeHost(HostRecord())
    defer { try? host.stop() }
    let result = try await mortise("describe", "statefulnode", "redis", host: host)
    #expect(result.code == .notFound)
    #expect(
      result.errors == "mortise: statefulnode \"redis\" in namespace \"default\" not found; "
        + "there is none in that namespace. See: mortise get statefulnode -A\n")
  }

  @Test(
    "the host's errors become exit codes",
    arguments: [
      (RPCCode.failedPrecondition, ExitCode.refused), (.invalidArgument, .refused),
      (.alreadyExists, .refused), (.aborted, .refused), (.notFound, .notFound),
      (.unimplemented, .refused), (.deadlineExceeded, .timedOut), (.internal, .failed),
    ])
  func errors(code: RPCCode, exitCode: ExitCode) async throws {
    let host = try FakeHost(
      HostRecord { $0.failures = [RPCError(code, reason: "Because", message: "the reason")] })
    defer { try? host.stop() }
    let result = try await mortise("get", "nodes", host: host)
    #expect(result.code == exitCode)
    #expect(result.errors.contains("the reason"))
    #expect(result.output.isEmpty)
  }

  @Test("apply reads standard input and says what became of each document")
  func apply() async throws {
    let host = try FakeHost(
      HostRecord { state in
        state.applied = HostV1.ApplyReply(applied: [
          HostV1.Applied(
            name: HostV1.ObjectName(kind: "StatefulNode", namespace: "default", name: "redis"),
            action: .created, generation: 1),
          HostV1.Applied(
            name: HostV1.ObjectName(kind: "Blueprint", namespace: "default", name: "b"),
            action: .unchanged, generation: 1),
        ])
      })
    defer { try? host.stop() }
    let result = try await mortise("apply", "-f", "-", host: host, input: "kind: StatefulNode")
    #expect(result.lines == ["statefulnode/redis created", "blueprint/b unchanged"])
    #expect(result.code == .ok)
    let dry = try await mortise("apply", "-f", "-", "--dry-run", host: host, input: "a: b")
    #expect(dry.lines.first == "statefulnode/redis created (dry run)")
    #expect(host.record.calls == ["apply stdin", "apply dry-run stdin"])
  }

  @Test("the host's problems are told by place, a line each, on standard error")
  func problems() async throws {
    let host = try FakeHost(
      HostRecord { state in
        state.applied = HostV1.ApplyReply(problems: [
          HostV1.Problem(
            source: "stdin", line: 3, column: 5, path: "spec.port", message: "must be an integer"),
          HostV1.Problem(source: "stdin", line: 0, column: 0, path: "", message: "too large"),
        ])
      })
    defer { try? host.stop() }
    let result = try await mortise("apply", "-f", "-", host: host, input: "a: b")
    #expect(result.code == .refused)
    #expect(result.errors == "stdin:3:5: spec.port: must be an integer\nstdin: too large\n")
    #expect(result.output.isEmpty)
  }

  @Test("apply reads the manifests of a directory in the order of their names")
  func directory() async throws {
    let host = try FakeHost(HostRecord())
    defer { try? host.stop() }
    let directory = FileSystem.parent(of: host.path) + "/manifests"
    try FileSystem.makeDirectories(directory)
    for name in ["b.yaml", "a.json", "c.yml", "notes.txt", ".hidden.yaml"] {
      try Descriptor.open("\(directory)/\(name)", 0o101).writeAll("a: b".utf8)
    }
    let result = try await mortise("apply", "-f", directory, host: host)
    #expect(result.code == .ok)
    #expect(
      host.record.calls == [
        "apply "
          + ["a.json", "b.yaml", "c.yml"].map { "\(directory)/\($0)" }
          .joined(separator: " ")
      ])
    let missing = try await mortise("apply", "-f", "/does/not/exist.yaml", host: host)
    #expect(missing.code == .usage)
    #expect(missing.errors.contains("/does/not/exist.yaml: No such file"))
  }

  @Test("delete takes an object or a manifest, the last document first")
  func delete() async throws {
    let host = try FakeHost(HostRecord([Self.running]))
    defer { try? host.stop() }
    let one = try await mortise("delete", "statefulnode/redis", "-n", "prod", host: host)
    #expect(one.lines == ["statefulnode/redis is being deleted"])
    let manifest = """
      {kind: StatefulNode, metadata: {name: redis}}
      ---
      {kind: StatefulNode, metadata: {name: gone, namespace: prod}}
      """
    let several = try await mortise("delete", "-f", "-", host: host, input: manifest)
    #expect(several.code == .ok)
    #expect(
      several.lines == ["statefulnode/gone is not there", "statefulnode/redis is being deleted"])
    #expect(
      host.record.calls == [
        "delete statefulnode prod/redis", "delete statefulnode prod/gone",
        "delete statefulnode /redis",
      ])
    let both = try await mortise("delete", "statefulnode/a", "-f", "-", host: host)
    #expect(both.code == .usage)
    let broken = try await mortise("delete", "-f", "-", host: host, input: "kind: [")
    #expect(broken.code == .refused)
  }

  @Test("pause, resume and replan name their object", arguments: ["pause", "resume", "replan"])
  func acts(command: String) async throws {
    let host = try FakeHost(HostRecord([Self.running]))
    defer { try? host.stop() }
    let result = try await mortise(command, "statefulnode", "redis", host: host)
    #expect(result.code == .ok)
    #expect(result.output.hasPrefix("statefulnode/redis "))
    #expect(host.record.calls == ["\(command) statefulnode /redis"])
  }

  @Test("plugins shows state and what each carries out")
  func plugins() async throws {
    let host = try FakeHost(
      HostRecord { state in
        state.plugins = [
          HostV1.PluginStatus(
            name: "workload", version: "1.0.0", digest: "sha256:ab", state: "Ready", pid: 42,
            startedUnixMS: Sample.start - 65_000, restarts: 1, inFlight: 2,
            taskTypes: ["apply-service"], intentKinds: [], message: "", references: 3, serving: true
          ),
          HostV1.PluginStatus(
            name: "broken", version: "", digest: "", state: "Quarantined", message: "exit code 1"),
        ]
      })
    defer { try? host.stop() }
    let result = try await mortise("plugins", host: host)
    #expect(
      result.lines == [
        "NAME      VERSION  STATE        PID  UP     RESTARTS  BUSY  TASKS  MESSAGE",
        "workload  1.0.0*   Ready        42   1m05s  1         2     3",
        "broken             Quarantined  -    -      0         0     0      exit code 1",
      ])
    let json = try await mortise("plugins", "-o", "json", host: host)
    #expect(try JSONValue(parsing: json.output).array?.first?["taskTypes"] == ["apply-service"])
  }

  @Test("describe tells conditions, plan, history and what is owned")
  func describe() async throws {
    var resource = Sample.resource(phase: "Initializing", plan: Sample.failedPlan())
    resource.status.setCondition(
      "Paused", .isFalse, reason: "NotPaused", generation: 1, at: Sample.moment(-5))
    resource.status.history = [Sample.record(.failed, detail: "ensure-data-pvc: Broken: it broke")]
    let key = IntentKey(target: "local", kind: "StatefulSet", key: "default/redis")
    var intent = Intent(
      write: IntentWrite(key: key, spec: [:], specVersion: 1), uid: "intent-1",
      owner: IntentOwner(resource: resource.key, uid: resource.metadata.uid),
      writer: IntentWriter(taskID: "t", attempt: 1, step: 1))
    intent.state = .commitFailed
    intent.error = TaskError(reason: "NoImage", message: "no image")
    let intentObject = intent.json
    let host = try FakeHost(HostRecord([resource]) { $0.objects.append(intentObject) })
    defer { try? host.stop() }
    let result = try await mortise("describe", "statefulnode", "redis", host: host)
    #expect(result.code == .ok)
    for line in [
      "Name:        redis", "Generation:  1 (observed 0)",
      "  Paused  False   NotPaused  5s",
      "Plan:        init Failed, 1/3 tasks, began 0s ago, leads to Running, on local",
      "  ensure-data-pvc    Complete  1.0s  1        workload@1.0.0",
      "  apply-statefulset  Failed    2.0s  1        -               ImageUnknown: no image redis:9",
      "    apply-statefulset: ImageUnknown: no image redis:9",
      "  init  Failed  1           3.0s  0s ago  ensure-data-pvc: Broken: it broke",
      "  StatefulSet/default/redis  local  commitFailed  -         NoImage: no image",
      "  image: redis:7.0",
    ] {
      #expect(result.lines.contains(line), "\(line)")
    }
    let narrow = try await mortise(
      "describe", "statefulnode", "redis", host: host, terminal: TerminalSize(columns: 60, rows: 24)
    )
    for line in narrow.lines { #expect(DisplayText.width(line) <= 60, "\(line)") }
    #expect(narrow.output.contains("\u{1B}") == false)
  }
}
