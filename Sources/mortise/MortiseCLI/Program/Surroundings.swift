internal import Glibc
internal import LinuxSystem
internal import Model

/// What a command has of the process around it; given, so that tests can give another.
struct Surroundings: Sendable {
  var environment: [String: String]
  var workingDirectory: String
  /// This program, to start a host of its own.
  var executable: String
  var console: Console
  var now: @Sendable () -> Timestamp
  /// What `-f -` reads.
  var readInput: @Sendable () throws(SystemError) -> [UInt8]

  /// The most that is read of standard input: what one manifest may have, and a byte more so that
  /// the host sees that it is too much.
  static let inputBytesMax = 4 << 20

  /// Those of this process.
  static func ofProcess() -> Surroundings {
    Surroundings(
      environment: processEnvironment(),
      workingDirectory: (try? FileSystem.workingDirectory()) ?? ".",
      executable: "/proc/self/exe", console: .standard(),
      now: { Timestamp(milliseconds: WallTime.nowUnixMS()) },
      readInput: { () throws(SystemError) in
        let input = Descriptor(owning: STDIN_FILENO)
        // Standard input is the process's own, not this object's to close.
        defer { _ = input.take() }
        return try input.readToEnd(limit: inputBytesMax)
      })
  }

  /// The path as it reads from anywhere.
  func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : workingDirectory + "/" + path
  }

  // `environ` is a global of C that any thread may change; the kernel's copy is ours to read.
  private static func processEnvironment() -> [String: String] {
    guard let bytes = try? FileSystem.read("/proc/self/environ") else { return [:] }
    var environment: [String: String] = [:]
    for entry in bytes.split(separator: 0) {
      let parts = entry.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      environment[String(decoding: parts[0], as: UTF8.self)] = String(
        decoding: parts[1], as: UTF8.self)
    }
    return environment
  }
}
