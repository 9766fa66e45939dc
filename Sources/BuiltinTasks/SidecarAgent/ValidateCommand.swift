import Glibc
import LinuxSystem

/// Runs the server's own judgement of its configuration file, within bounds of time and output.
///
/// The text is the pod author's and goes to a shell; nothing of the configuration is part of it,
/// so no value can turn into a command.
struct ValidateCommand {
  /// What is kept of the output: the last bytes, because that is where programs say what is wrong.
  static let outputLimit = 16 << 10
  static let messageLineLimit = 20

  static let shell = "/bin/sh"

  let text: String
  let configFile: String
  /// The command's working directory, empty when it starts.
  let scratchDirectory: String
  let timeoutMS: Int

  private struct Ending {
    /// Nil after a kill because the time was over.
    var status: ExitStatus?
    var output: [UInt8]
  }

  /// - Throws: `TaskProblem`: ConfigInvalid with the last lines of output where the command does
  ///   not succeed; ValidateTimeout and ValidateNotRun are transient.
  func run() throws(TaskProblem) {
    let ending: Ending
    do throws(SystemError) {
      ending = try runProcess()
    } catch {
      throw TaskProblem(reason: "ValidateNotRun", message: "\(error)", isTransient: true)
    }
    guard let status = ending.status else {
      throw TaskProblem(
        reason: "ValidateTimeout",
        message: "VALIDATE_COMMAND did not end within \(timeoutMS) ms"
          + Self.tail(of: ending.output),
        isTransient: true)
    }
    guard !status.isSuccess else { return }
    throw TaskProblem(
      reason: "ConfigInvalid",
      message: "VALIDATE_COMMAND ended with \(status)" + Self.tail(of: ending.output))
  }

  private func runProcess() throws(SystemError) -> Ending {
    try FileSystem.removeTree(scratchDirectory)
    try FileSystem.makeDirectories(scratchDirectory, mode: 0o700)
    return try runShell()
  }

  private func runShell() throws(SystemError) -> Ending {
    let pipe = try Pipe()
    try pipe.readEnd.setNonblocking()
    var spec = ProcessSpec(
      .path(Self.shell), arguments: [Self.shell, "-c", text],
      environment: [
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C",
        "CONFIG_FILE": configFile,
      ],
      workingDirectory: scratchDirectory,
      descriptors: [.init(pipe.writeEnd, as: 1), .init(pipe.writeEnd, as: 2)])
    spec.newProcessGroup = true
    spec.parentDeathSignal = SIGKILL
    let process = try spawn(spec)
    pipe.writeEnd.close()
    var output: [UInt8] = []
    let isOver = try collect(from: pipe.readEnd, until: process.pidfd, into: &output)
    // The group goes before its leader is reaped: until then the number can't be another's.
    try process.pidfd.signalGroup(SIGKILL, identity: process.identity)
    try Self.awaitEnd(of: process.pidfd)
    let status = try process.pidfd.reap()
    return Ending(status: isOver ? status : nil, output: output)
  }

  /// Reads what the command writes; false where its time was over first.
  private func collect(
    from pipe: Descriptor, until process: PIDFD, into output: inout [UInt8]
  ) throws(SystemError) -> Bool {
    let end = MonotonicTime.now() + .milliseconds(timeoutMS)
    var isOpen = true
    while true {
      let left = end.duration(since: .now())
      var watched = [
        pollfd(fd: process.descriptor.number, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen ? pipe.number : -1, events: Int16(POLLIN), revents: 0),
      ]
      let milliseconds = Int32(clamping: left.wholeNanoseconds / 1_000_000)
      guard poll(&watched, nfds_t(watched.count), milliseconds) >= 0 || errno == EINTR else {
        throw SystemError(code: errno, call: "poll", subject: "VALIDATE_COMMAND")
      }
      if watched[1].revents != 0 { isOpen = try Self.drain(pipe, into: &output) }
      if watched[0].revents != 0 { return true }
      if left == .zero { return false }
    }
  }

  /// Takes what is there and keeps the end of it; false at the end of the pipe.
  ///
  /// A pipe holds at most 64 KiB at once: a command that writes without end is left at that, so
  /// that its deadline is looked at again.
  private static func drain(
    _ pipe: Descriptor, into output: inout [UInt8]
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      for _ in 0..<8 {
        let chunk = try pipe.read(upTo: outputLimit)
        if chunk.isEmpty { return false }
        output += chunk
        output.removeFirst(max(0, output.count - outputLimit))
      }
      return true
    } catch  where error.isWouldBlock {
      return true
    }
  }

  private static func awaitEnd(of process: PIDFD) throws(SystemError) {
    var watched = pollfd(fd: process.descriptor.number, events: Int16(POLLIN), revents: 0)
    while poll(&watched, 1, -1) < 0 {
      guard errno == EINTR else { throw SystemError(code: errno, call: "poll", subject: "pidfd") }
    }
  }

  /// The last lines, as the end of a sentence.
  private static func tail(of output: [UInt8]) -> String {
    let lines = String(decoding: output, as: UTF8.self)
      .split(whereSeparator: \.isNewline).suffix(messageLineLimit)
    return lines.isEmpty ? "" : ": " + lines.joined(separator: "\n")
  }
}
