import Glibc

@testable import LinuxSystem

/// A child whose standard output the test reads.
struct RunningProgram {
  let process: SpawnedProcess
  let output: Descriptor

  /// Starts `/bin/sh -c script`, changed by `change`.
  static func shell(
    _ script: String, _ change: (inout ProcessSpec) -> Void = { _ in }
  ) throws -> RunningProgram {
    let pipe = try Pipe()
    var spec = ProcessSpec(.path("/bin/sh"), arguments: ["sh", "-c", script])
    spec.environment = ["PATH": "/usr/bin:/bin"]
    spec.descriptors = [.init(pipe.writeEnd, as: 1)]
    change(&spec)
    return RunningProgram(process: try spawn(spec), output: pipe.readEnd)
  }

  /// Everything that it prints until it closes its output, without the last newline.
  func text() throws -> String {
    let bytes = try output.readToEnd(limit: 1 << 20)
    return String(decoding: bytes.last == 10 ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }

  func exit() throws -> ExitStatus { try waitForExit(process.pidfd) }
}

/// Blocks until the process ended; no polling, no time-out of its own.
func waitForExit(_ pidfd: PIDFD) throws -> ExitStatus {
  var entry = pollfd(fd: pidfd.descriptor.number, events: Int16(POLLIN), revents: 0)
  try systemCall("poll") { poll(&entry, 1, -1) }
  guard let status = try pidfd.reap() else {
    throw SystemError(code: EAGAIN, call: "reap")
  }
  return status
}

/// The numbered field of /proc/PID/stat, counted as in proc(5).
func statField(_ pid: Int32, _ field: Int) throws -> Int {
  let text = String(decoding: try FileSystem.read("/proc/\(pid)/stat"), as: UTF8.self)
  let rest = text[text.lastIndex(of: ")")!...].dropFirst(2).split(separator: " ")
  return Int(rest[field - 3])!
}
