import Glibc
import JSON
import LinuxSystem

/// What the figures were measured on.
enum Machine {
  static var json: JSONValue {
    [
      "processors": .integer(Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
      "model": .string(field("model name", of: "/proc/cpuinfo")),
      "memoryKiB": .string(field("MemTotal", of: "/proc/meminfo")),
      "kernel": .string(text("/proc/sys/kernel/osrelease")),
      "loadBefore": .string(load),
    ]
  }

  /// Of the last minutes when the program began: what else the machine was doing.
  static let load = text("/proc/loadavg")

  private static func field(_ name: String, of path: String) -> String {
    let line = text(path).split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: ":", maxSplits: 1).last.map(trimmed) ?? ""
  }

  private static func text(_ path: String) -> String {
    trimmed(Substring(String(decoding: (try? FileSystem.read(path)) ?? [], as: UTF8.self)))
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return String(text)
  }
}
