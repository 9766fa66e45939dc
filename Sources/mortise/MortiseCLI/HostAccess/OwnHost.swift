internal import Glibc
internal import LinuxSystem
internal import TTRPC

/// A host that this command started for itself, in a process of its own.
///
/// It is told to stop when this process ends, however that happens.
struct OwnHost: Sendable {
  /// Holds the socket, the log and, unless another one was named, the state.
  let directory: String
  let process: SpawnedProcess
  let link: HostLink

  /// How long it may take until the host answers, and until it has stopped.
  static let startPatience = Duration.seconds(30)
  static let stopPatience = Duration.seconds(20)
  static let retryDelay = Duration.milliseconds(10)
  /// Lines of its log that are shown where it failed.
  static let logLinesShown = 20

  var logPath: String { directory + "/host.log" }

  /// - Throws: exit code 1 where the process can't be started.
  static func start(_ invocation: Invocation, _ loop: EventLoop) throws(CommandFailure) -> OwnHost {
    let surroundings = invocation.surroundings
    let directory = try makeDirectory(surroundings.environment["TMPDIR"] ?? "/tmp")
    let state = invocation.arguments.value(StartOptions.state).map { surroundings.absolute($0) }
    let plugins = invocation.arguments.value(StartOptions.plugins) ?? ""
    let socket = directory + "/host.sock"
    do throws(SystemError) {
      let log = try Descriptor.open(directory + "/host.log", O_WRONLY | O_CREAT | O_APPEND)
      var spec = ProcessSpec(
        .path(surroundings.executable),
        arguments: [
          "mortise", "serve", "--state", state ?? directory + "/state", "--plugins",
          surroundings.absolute(plugins), "--socket", socket, "--log-format", "text",
        ],
        environment: surroundings.environment,
        descriptors: [ProcessSpec.Mapping(log, as: 1), ProcessSpec.Mapping(log, as: 2)])
      // An interrupt at the terminal is for this command, which stops the host in order.
      spec.newProcessGroup = true
      spec.parentDeathSignal = SIGTERM
      return OwnHost(
        directory: directory, process: try spawn(spec),
        link: HostLink(socketPath: socket, loop: loop))
    } catch {
      throw CommandFailure(.failed, "mortise run: can't start a host: \(error)")
    }
  }

  /// Returns as soon as the host answers.
  ///
  /// - Throws: exit code 1 where it ended before, or does not answer in time.
  func untilReady() async throws(CommandFailure) {
    let deadline = MonotonicTime.now() + Self.startPatience
    while true {
      do throws(CommandFailure) {
        try await link.connect().client.close()
        return
      } catch {
        guard error.code == .unreachable else { throw error }
      }
      if let status = ended() { throw failure("the host ended with \(status)") }
      guard MonotonicTime.now() < deadline else { throw failure("the host does not answer") }
      do {
        try await link.loop.sleep(for: Self.retryDelay)
      } catch {
        throw CommandFailure(.interrupted, "mortise: interrupted")
      }
    }
  }

  /// Stops the host and returns once it has ended; kills it where it takes too long.
  func stop() async {
    do {
      if try !process.pidfd.signal(SIGTERM) { return }
      let ended = await withTaskGroup(of: Bool.self) { group in
        group.addTask {
          (try? await link.loop.waitReadable(process.pidfd.descriptor.number)) != nil
        }
        group.addTask {
          try? await link.loop.sleep(for: Self.stopPatience)
          return false
        }
        defer { group.cancelAll() }
        return await group.next() ?? false
      }
      if !ended { try process.pidfd.signal(SIGKILL) }
    } catch {
      preconditionFailure("a child of this process can be signalled: \(error)")
    }
  }

  /// Takes the directory away, log and private state with it.
  func removeDirectory() throws(CommandFailure) {
    do throws(SystemError) {
      try FileSystem.removeTree(directory)
    } catch {
      throw CommandFailure(.failed, "mortise run: can't remove its directory: \(error)")
    }
  }

  /// The last warnings and errors of its log, as lines below a message; empty where there are none.
  var complaints: String {
    guard let log = try? FileSystem.read(logPath) else { return "" }
    return String(decoding: log, as: UTF8.self).split(separator: "\n").filter { line in
      // Lines of the log begin with the time and the level; others are a crash's.
      let level = line.split(separator: " ", maxSplits: 2).dropFirst().first
      return level != "info" && level != "debug"
    }.suffix(Self.logLinesShown).map { "\n  host: \($0)" }.joined()
  }

  private func failure(_ what: String) -> CommandFailure {
    CommandFailure(.failed, "mortise run: \(what)")
  }

  private func ended() -> ExitStatus? {
    (try? process.pidfd.reap()) ?? nil
  }

  private static func makeDirectory(_ parent: String) throws(CommandFailure) -> String {
    do throws(SystemError) {
      return try FileSystem.makeTemporaryDirectory("\(parent)/mortise-")
    } catch {
      throw CommandFailure(.failed, "mortise run: can't make a directory: \(error)")
    }
  }
}
