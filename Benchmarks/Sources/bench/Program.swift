import Glibc
import LinuxSystem

/// A program that was started for a measurement, with its standard input and output at hand.
///
/// It ends with this process, whatever happens to it.
final class Program {
  /// Where a program may run.
  enum Place: Sendable {
    /// On one processor, with whatever else was put there.
    case processor(Int)
    case anywhere
  }

  let process: SpawnedProcess
  private let input: Descriptor
  private let output: Descriptor
  private var read: [UInt8] = []
  private var isEnded = false

  /// How long a program may take to say a line, or to end.
  private static let patienceMS: Int32 = 120_000
  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  init(
    _ path: String, _ arguments: [String], on place: Place = .anywhere,
    environment: [String: String] = [:], log: Descriptor? = nil
  ) throws {
    let (input, output) = (try Pipe(), try Pipe())
    var command = [path] + arguments
    if case .processor(let number) = place {
      command = ["/usr/bin/taskset", "-c", String(number)] + command
    }
    var environment = environment
    environment["PATH"] = "/usr/bin:/bin"
    var spec = ProcessSpec(
      .path(command[0]), arguments: command, environment: environment,
      descriptors: [
        .init(input.readEnd, as: 0), .init(log ?? output.writeEnd, as: 1),
        .init(log ?? Descriptor(owning: dup(STDERR_FILENO)), as: 2),
      ])
    spec.parentDeathSignal = SIGKILL
    process = try spawn(spec)
    self.input = input.writeEnd
    self.output = output.readEnd
    input.readEnd.close()
    output.writeEnd.close()
  }

  deinit { if !isEnded { _ = try? process.pidfd.signal(SIGKILL) } }

  /// The next line that it prints.
  func line() throws -> String {
    while true {
      if let end = read.firstIndex(of: UInt8(ascii: "\n")) {
        defer { read.removeFirst(end + 1) }
        return String(decoding: read[..<end], as: UTF8.self)
      }
      try Self.wait(for: output, "a line of pid \(process.pid)")
      let bytes = try output.read(upTo: 4096)
      if bytes.isEmpty { throw BenchmarkError("pid \(process.pid) ended without a word") }
      read += bytes
    }
  }

  func say(_ line: String) throws { try input.writeAll("\(line)\n".utf8) }

  /// Lets it end and waits for that.
  func end() throws {
    input.close()
    try waitForEnd()
  }

  func kill(_ signal: Int32) throws {
    try process.pidfd.signal(signal)
    try waitForEnd()
  }

  private func waitForEnd() throws {
    try Self.wait(for: process.pidfd.descriptor, "the end of pid \(process.pid)")
    _ = try process.pidfd.reap()
    isEnded = true
  }

  /// User and system time of all its threads so far, in seconds, as the kernel counts them: in
  /// hundredths, so that only runs of some seconds tell anything.
  func cpuSeconds() throws -> Double { try Self.cpuSeconds(of: process.pid) }

  /// As `cpuSeconds`, of the programs that this one has started and that still run.
  func childrenCPUSeconds() throws -> Double {
    let path = "/proc/\(process.pid)/task/\(process.pid)/children"
    let pids = String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: " ")
    return try pids.compactMap { Int32($0) }.reduce(0) { try $0 + Self.cpuSeconds(of: $1) }
  }

  private static func cpuSeconds(of pid: Int32) throws -> Double {
    let stat = String(decoding: try FileSystem.read("/proc/\(pid)/stat"), as: UTF8.self)
    let fields = stat[stat.lastIndex(of: ")")!...].split(separator: " ")
    return (Double(fields[12])! + Double(fields[13])!) / ticksPerSecond
  }

  /// A line of /proc/PID/status in KiB: VmRSS, VmHWM.
  func statusKiB(_ name: String) throws -> Double {
    let status = String(decoding: try FileSystem.read("/proc/\(process.pid)/status"), as: UTF8.self)
    let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first,
      let value = Double(number)
    else { throw BenchmarkError("/proc/\(process.pid)/status has no \(name)") }
    return value
  }

  private static func wait(for descriptor: Descriptor, _ what: String) throws {
    var poll = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    if Glibc.poll(&poll, 1, patienceMS) <= 0 { throw BenchmarkError("waited too long for \(what)") }
  }
}

/// Why a measurement could not be made.
struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
