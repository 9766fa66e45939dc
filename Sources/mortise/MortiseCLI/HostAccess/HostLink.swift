internal import Glibc
internal import LinuxSystem
internal import TTRPC

/// Where the host answers, and how to get to it.
struct HostLink: Sendable {
  var socketPath: String
  var loop: EventLoop
  /// How long a host that was there a moment ago may take to come back.
  var patience = Self.restartPatience
  /// Whether a socket that isn't there is waited for, too: that is what a host leaves that stopped.
  var mayBeAbsent = false
  /// Set: a socket that isn't there, in a directory that is, is waited for as well, and a person is
  /// told so. Who starts a host in the background and goes on at once is early.
  var announce: (@Sendable (String) -> Void)?

  static let restartPatience = Duration.seconds(3)
  static let retryDelay = Duration.milliseconds(20)

  /// Connects; waits a moment where a socket is there but nobody listens: that is what a host
  /// leaves that was killed, and mostly something starts it again.
  ///
  /// - Throws: exit code 3 where no host answers.
  func connect() async throws(CommandFailure) -> HostSession {
    let deadline = MonotonicTime.now() + patience
    var isAnnounced = false
    while true {
      let failure: SystemError
      do throws(SystemError) {
        let socket = try UnixSocket.connect(socketPath)
        return HostSession(client: Client(descriptor: socket, on: loop), socketPath: socketPath)
      } catch {
        failure = error
      }
      let isAbsent = failure.code == ENOENT
      let mayCome = failure.code == ECONNREFUSED || isAbsent && (mayBeAbsent || isEarly)
      guard mayCome || failure.isWouldBlock,
        MonotonicTime.now() < deadline
      else { throw unreachable(failure) }
      if isAbsent, !mayBeAbsent, !isAnnounced {
        announce?("no host answers at \(socketPath) yet; waiting for one, \(patience) at most")
        isAnnounced = true
      }
      try await pause()
    }
  }

  /// Asks the host, and asks again where the connection broke meanwhile.
  ///
  /// - Parameter body: whatever it does, at the host or here, may be done twice.
  func asking<Value: Sendable>(
    _ body: (HostSession) async throws(CommandFailure) -> Value
  ) async throws(CommandFailure) -> Value {
    let deadline = MonotonicTime.now() + patience
    while true {
      let session = try await connect()
      defer { session.client.close() }
      do throws(CommandFailure) {
        return try await body(session)
      } catch {
        guard error.code == .unreachable, MonotonicTime.now() < deadline else { throw error }
      }
      try await pause()
    }
  }

  private var isEarly: Bool {
    guard announce != nil else { return false }
    return (try? FileSystem.status(FileSystem.parent(of: socketPath))) != nil
  }

  private func pause() async throws(CommandFailure) {
    do {
      try await loop.sleep(for: Self.retryDelay)
    } catch {
      throw CommandFailure(.interrupted, "mortise: interrupted")
    }
  }

  private func unreachable(_ error: SystemError) -> CommandFailure {
    let advice =
      switch error.code {
      case ENOENT, ECONNREFUSED, ENOTDIR:
        "start one with: mortise serve --state DIR --plugins DIR, "
          + "or name its socket with --socket PATH"
      case EAGAIN: "it is too busy to take another connection; try again"
      default: error.description
      }
    return CommandFailure(.unreachable, "mortise: no host answers at \(socketPath); \(advice)")
  }

  static let option = Option(
    "socket", .text("PATH"),
    "Where the host answers; by default $MORTISE_SOCKET, else $XDG_RUNTIME_DIR/mortise.sock, "
      + "else /run/mortise/mortise.sock")

  /// The path that arguments, a host's configuration and environment choose, in this order.
  static func socketPath(
    _ arguments: ParsedArguments, _ environment: [String: String], configured: String? = nil
  ) -> String {
    func variable(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    return arguments.value(option) ?? configured ?? variable("MORTISE_SOCKET")
      ?? variable("XDG_RUNTIME_DIR").map { $0 + "/mortise.sock" } ?? "/run/mortise/mortise.sock"
  }
}
