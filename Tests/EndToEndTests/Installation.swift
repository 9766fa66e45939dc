import Glibc
import LinuxSystem
import TestPlaces

/// What `make stage` lays out, made of the executables that stand beside this test's own, with a
/// state directory of its own; everything goes when the test is over.
final class Installation: Sendable {
  let root: String

  var state: String { "\(root)/state" }
  var plugins: String { "\(root)/plugins" }
  var socket: String { "\(root)/host.sock" }
  /// What the local driver did, a line each.
  var driverEffects: String { "\(state)/plugins/local/local/effects.log" }

  init(plugins names: [String] = ["local", "sidecar", "workload"]) throws {
    root = try FileSystem.makeTemporaryDirectory("/tmp/mortise-test.")
    for name in names { try install(name, from: "\(Self.sources)/plugins/\(name)") }
    guard names.contains("local") else { return }
    let images = "\(root)/images"
    try FileSystem.makeDirectories("\(images)/sidecar")
    try link(BuiltProducts.path("sidecar-agent"), "\(images)/sidecar/1.0")
    try link("\(Self.sources)/examples/redis/images/redis", "\(images)/redis")
  }

  deinit {
    killStragglers()
    try? FileSystem.removeTree(root)
  }

  private func install(_ name: String, from source: String) throws {
    let folder = "\(plugins)/\(name)"
    try FileSystem.makeDirectories(folder)
    try link("\(source)/plugin.yaml", "\(folder)/plugin.yaml")
    try copy(BuiltProducts.path("\(name)-plugin"), "\(folder)/\(name)-plugin")
    if try FileSystem.status("\(source)/blueprints") != nil {
      try link("\(source)/blueprints", "\(folder)/blueprints")
    }
  }

  /// A plugin that only tests have.
  func install(_ name: String, program: String, yaml: String, blueprint: String) throws {
    let folder = "\(plugins)/\(name)"
    try FileSystem.makeDirectories("\(folder)/blueprints")
    try AtomicFile.write(yaml.utf8, to: "\(folder)/plugin.yaml")
    try AtomicFile.write(blueprint.utf8, to: "\(folder)/blueprints/kind.yaml")
    try copy(BuiltProducts.path(program), "\(folder)/\(program)")
  }

  /// A plugin finds its folder by its executable, so that must not be a link to elsewhere.
  private func copy(_ source: String, _ path: String) throws {
    let bytes = try FileSystem.read(source, limit: 512 << 20)
    try AtomicFile.write(bytes, to: path, mode: 0o755)
  }

  private func link(_ target: String, _ path: String) throws {
    guard symlink(target, path) == 0 else {
      throw SystemError(code: errno, call: "symlink", subject: path)
    }
  }

  /// The effects of all sidecar agents and of the driver, as they stand in the logs.
  func effects() throws -> [String] {
    var lines = try Self.lines(driverEffects)
    for path in try FileTree.files(below: "\(state)/plugins/local/local")
    where path.hasSuffix("/effects.log") {
      if path != driverEffects { lines += try Self.lines(path) }
    }
    return lines
  }

  static func lines(_ path: String) throws -> [String] {
    guard try FileSystem.status(path) != nil else { return [] }
    return String(decoding: try FileSystem.read(path), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  /// The file by which the process that died at the failpoint remembers it; nil = none did.
  func marker(of failpoint: String) throws -> String? {
    try FileTree.files(below: state).first { $0.hasSuffix("/failpoint-\(failpoint)") }
  }

  /// Processes whose environment or working directory is of this installation: pods, proxies and
  /// plugins. A server that shows its state in its title has overwritten its environment.
  func processes() throws -> [Int32] {
    try FileSystem.list("/proc").compactMap { Int32($0) }.filter { pid in
      guard pid != getpid() else { return false }
      let environment = (try? FileSystem.read("/proc/\(pid)/environ")) ?? []
      let directory = (try? FileSystem.target(ofLink: "/proc/\(pid)/cwd")) ?? ""
      return String(decoding: environment, as: UTF8.self).contains(root + "/")
        || directory.hasPrefix(root + "/")
    }
  }

  private func killStragglers() {
    for pid in (try? processes()) ?? [] {
      guard let identity = try? ProcessIdentity.read(pid) else { continue }
      _ = try? PIDFD.open(identity)?.signal(SIGKILL)
    }
  }

  static let sources = FileSystem.parent(
    of: FileSystem.parent(of: FileSystem.parent(of: #filePath)))
}
