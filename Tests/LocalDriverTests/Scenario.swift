import Glibc
import JSON
import LinuxSystem
import PluginProto
import TestPlaces
import Testing

/// A directory with images, and the intents of a node as the built-in tasks write them.
final class Scenario: Sendable {
  let directory = TemporaryDirectory()

  /// A test that failed must not leave processes to the next.
  deinit {
    for pid in (try? processes()) ?? [] {
      guard let identity = try? ProcessIdentity.read(pid) else { continue }
      _ = try? PIDFD.open(identity)?.signal(SIGKILL)
    }
  }

  var data: String { "\(directory.path)/state/local" }
  var effectsLog: String { "\(data)/effects.log" }

  /// An image that is a shell script; `$TOKEN` in its command line tells its processes from others.
  func image(_ name: String, _ script: String) throws {
    let path = "\(directory.path)/images/\(name.replacingColon)"
    try FileSystem.makeDirectories(FileSystem.parent(of: path))
    try AtomicFile.write(Array("#!/bin/sh\n\(script)\n".utf8), to: path, mode: 0o755)
  }

  static let sleeper = """
    echo "started $POD_NAME $0"
    exec sleep 1000
    """

  static let claim = DriverProcess.intent(
    "PersistentVolumeClaim", "default/web", ["storage": "1Mi"])

  static func set(
    image: String = "app:1", replicas: Int64 = 1, strategy: String = "OnDelete",
    generation: UInt64 = 1, owner: String = "o1", probe: JSONValue? = nil
  ) -> PluginV1.Intent {
    var container: JSONObject = JSONObject([("name", "app"), ("image", .string(image))])
    container["readinessProbe"] = probe
    return DriverProcess.intent(
      "StatefulSet", "default/web",
      [
        "replicas": .integer(replicas), "updateStrategy": .string(strategy),
        "template": [
          "containers": [.object(container)], "terminationGracePeriodSeconds": 5,
        ],
        "volumes": ["data": "default/web"],
      ], generation: generation, owner: owner)
  }

  static func service(port: Int64 = 6380, target: Int64 = 6379) -> PluginV1.Intent {
    DriverProcess.intent(
      "Service", "default/web",
      ["selector": "default/web", "port": .integer(port), "targetPort": .integer(target)])
  }

  static func eviction(of pod: JSONValue) -> PluginV1.Intent {
    DriverProcess.intent("PodEviction", "default/web-0", ["podUID": pod["uid"] ?? .null])
  }

  /// The effects log as it is now.
  func effects() throws -> [JSONValue] {
    try FileSystem.read(effectsLog).split(separator: UInt8(ascii: "\n")).map {
      try JSONValue(parsing: $0)
    }
  }

  /// Processes whose environment names this scenario's directory: pods' and proxies' alike.
  func processes() throws -> [pid_t] {
    try FileSystem.list("/proc").compactMap { pid_t($0) }.filter { pid in
      guard pid != getpid() else { return false }
      let environment = (try? FileSystem.read("/proc/\(pid)/environ")) ?? []
      let command = (try? FileSystem.read("/proc/\(pid)/cmdline")) ?? []
      return [environment, command].contains {
        String(decoding: $0, as: UTF8.self).contains("\(data)/")
      }
    }
  }

  /// What is left of a driver's directory when all was removed.
  func leftovers() throws -> [String] {
    try leftovers(in: data).filter {
      !["/effects.log", "/journal", "/lock", "/addresses.json"].contains($0)
        && !$0.hasPrefix("/failpoint-")
    }
  }

  private func leftovers(in path: String) throws -> [String] {
    guard try FileSystem.status(path)?.kind == .directory else {
      return [String(path.dropFirst(data.count))]
    }
    return try FileSystem.list(path).flatMap { try leftovers(in: "\(path)/\($0)") }
  }
}

extension String {
  /// `redis:7` as the path `redis/7`.
  fileprivate var replacingColon: String { split(separator: ":").joined(separator: "/") }
}

/// Short ways into what a StatefulSet observes.
extension JSONValue {
  var pods: [JSONValue] { self["pods"]?.array ?? [] }
  var isReady: Bool { !pods.isEmpty && pods.allSatisfy { $0["ready"]?.bool == true } }
  var pids: [Int64] {
    pods.flatMap { $0["containers"]?.array ?? [] }.compactMap { $0["pid"]?.integer }
  }
}
