import Glibc
import JSON
import LinuxSystem
import PluginProto
import TTRPC

/// A host with the benchmark's plugins, as its own processes, on a real disk.
final class BenchHost: @unchecked Sendable {
  // Unchecked because the program is replaced when the host is started again; only the one task that
  // measures does that.
  let loop: EventLoop
  let root: String
  private let programs: String
  private let pluginCount: Int
  private(set) var program: Program
  private(set) var client: Client

  private static let patience = Duration.seconds(120)

  var socket: String { "\(root)/host.sock" }
  private var countFile: String { "\(root)/syncs" }

  /// Installs and starts; returns when every plugin is ready.
  init(
    _ root: String, programs: String, package: String,
    plugins: [String] = ["bench-plugin", "bench-driver"], on loop: EventLoop
  ) async throws {
    self.loop = loop
    self.root = root
    self.programs = programs
    pluginCount = plugins.count
    for name in plugins {
      let folder = "\(root)/plugins/\(name)"
      try FileSystem.makeDirectories(folder)
      for file in try Self.files(below: "\(package)/Plugins/\(name)") {
        try FileSystem.makeDirectories(FileSystem.parent(of: "\(folder)/\(file)"))
        try AtomicFile.write(
          try FileSystem.read("\(package)/Plugins/\(name)/\(file)"), to: "\(folder)/\(file)")
      }
      let executable = try FileSystem.read("\(programs)/\(name)", limit: 512 << 20)
      try AtomicFile.write(executable, to: "\(folder)/\(name)", mode: 0o755)
    }
    (program, client) = try await Self.start(
      root, programs: programs, pluginCount: pluginCount, on: loop)
  }

  private static func start(
    _ root: String, programs: String, pluginCount: Int, on loop: EventLoop
  ) async throws -> (Program, Client) {
    let log = try Descriptor.open("\(root)/host.log", O_WRONLY | O_CREAT | O_APPEND)
    var environment = ["HOME": root, "MORTISE_COUNT_SYNCS": "\(root)/syncs"]
    let counter = "\(programs)/count-syncs.so"
    if access(counter, R_OK) == 0 { environment["LD_PRELOAD"] = counter }
    try AtomicFile.write([UInt8](repeating: 0, count: 8), to: "\(root)/syncs")
    let program = try Program(
      "\(programs)/mortise",
      [
        "--socket", "\(root)/host.sock", "serve", "--state", "\(root)/state", "--plugins",
        "\(root)/plugins",
      ], environment: environment, log: log)
    let deadline = MonotonicTime.now() + patience
    while MonotonicTime.now() < deadline {
      if let client = try? await Client.connect(path: "\(root)/host.sock", on: loop),
        let reply = try? await client.call(HostV1.Host.plugins, HostV1.PluginsRequest()),
        reply.plugins.count(where: { $0.state == "Ready" }) == pluginCount
      {
        return (program, client)
      }
      try await loop.sleep(for: .milliseconds(2))
    }
    throw BenchmarkError("the host is not ready; its log is \(root)/host.log")
  }

  /// Ends the host by a signal and starts it again. Returns how long the start took until its
  /// plugins were ready, in milliseconds.
  func restart(after signal: Int32 = SIGTERM) async throws -> Double {
    client.close()
    try program.kill(signal)
    let start = MonotonicTime.now()
    (program, client) = try await Self.start(
      root, programs: programs, pluginCount: pluginCount, on: loop)
    return Double(MonotonicTime.now().duration(since: start).wholeNanoseconds) / 1e6
  }

  func stop() throws {
    client.close()
    try program.kill(SIGTERM)
  }

  /// Waits for the disk since the host started.
  func syncs() throws -> UInt64 {
    try FileSystem.read(countFile).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
  }

  /// How long the host says that it needed until it was ready, the last time; in milliseconds.
  func readyMilliseconds() throws -> Double {
    let log = String(decoding: try FileSystem.read("\(root)/host.log"), as: UTF8.self)
    let line = log.split(separator: "\n").last { $0.contains("\"ready\"") }
    guard let line, let entry = try? JSONValue(parsing: Array(line.utf8)),
      let value = entry["milliseconds"]?.double
    else { throw BenchmarkError("the host did not log that it is ready: \(root)/host.log") }
    return value
  }

  /// Processor time so far, or of one plan.
  struct Cost {
    var hostMicroseconds: Double
    var pluginMicroseconds: Double

    func since(_ earlier: Cost, plans: Int) -> Cost {
      Cost(
        hostMicroseconds: (hostMicroseconds - earlier.hostMicroseconds) / Double(plans),
        pluginMicroseconds: (pluginMicroseconds - earlier.pluginMicroseconds) / Double(plans))
    }
  }

  func cost() throws -> Cost {
    Cost(
      hostMicroseconds: try program.cpuSeconds() * 1e6,
      pluginMicroseconds: try program.childrenCPUSeconds() * 1e6)
  }

  func apply(_ name: String, kind: String, revision: Int) async throws {
    try await apply(name, kind: kind, spec: ["revision": .integer(Int64(revision))])
  }

  func apply(_ name: String, kind: String, spec: JSONValue) async throws {
    let manifest: JSONValue = [
      "apiVersion": "mortise.dev/v1", "kind": .string(kind), "metadata": ["name": .string(name)],
      "spec": spec,
    ]
    let request = HostV1.ApplyRequest(
      manifests: [HostV1.Manifest(source: name, content: manifest.serialized())], dryRun: false)
    let reply = try await client.call(HostV1.Host.apply, request)
    if let problem = reply.problems.first { throw BenchmarkError("\(name): \(problem.message)") }
  }

  /// Every object of the kind, page by page.
  func list(_ kind: String) async throws -> [JSONValue] {
    var objects: [JSONValue] = []
    var request = HostV1.ListRequest(kind: kind, limit: 500)
    repeat {
      let reply = try await client.call(HostV1.Host.list, request)
      objects += try reply.objects.map { try JSONValue(parsing: $0) }
      request.continueToken = reply.continueToken
    } while !request.continueToken.isEmpty
    return objects
  }

  private static func files(below path: String, _ prefix: String = "") throws -> [String] {
    try FileSystem.list(path).flatMap { name in
      let isFolder = try FileSystem.status("\(path)/\(name)")?.kind == .directory
      return isFolder
        ? try files(below: "\(path)/\(name)", "\(prefix)\(name)/") : ["\(prefix)\(name)"]
    }
  }
}
