internal import Glibc
public import LinuxSystem

/// Answers calls on the connections of its listeners.
///
/// Everything of it lives on its loop; the methods may be called from anywhere. What it accepted
/// and what it listens on stays open until `shutdown`, even if this object is dropped.
public final class Server: Sendable {
  /// A handler threw what isn't an `RPCError`: its caller learns only that it failed.
  public struct HandlerFailure: Sendable {
    /// "mortise.plugin.v1.Tasks/Execute".
    public let method: String
    /// What was thrown.
    public let error: any Error
  }

  private let loop: EventLoop
  private let core: LoopBound<ServerCore>

  /// - Parameter admit: whether a peer may call at all; others are hung up on. By default the user
  ///   of this process and root.
  /// - Parameter handlerFailed: is told what a handler threw; by default writes it to standard
  ///   error, which is a plugin's log.
  public init(
    loop: EventLoop, router: Router, limits: Limits = Limits(),
    admit: @escaping @Sendable (PeerCredentials) -> Bool = Server.isSameUserOrRoot,
    handlerFailed: @escaping @Sendable (HandlerFailure) -> Void = Server.writeToStandardError
  ) {
    self.loop = loop
    core = LoopBound(
      ServerCore(
        on: loop, router: router, limits: limits, admit: admit, handlerFailed: handlerFailed),
      on: loop)
  }

  /// Accepts connections of a listening socket until `stopAccepting`.
  ///
  /// The listener must not block; `UnixSocket.listen` makes such, and one that was inherited needs
  /// `setNonblocking` first.
  public func serve(listener: Descriptor) {
    loop.execute { [core] in core.value.serve(listener) }
  }

  /// Serves one socket that is connected already.
  public func serve(connection descriptor: Descriptor) {
    loop.execute { [core] in core.value.admit(descriptor) }
  }

  /// Closes the listeners; connections go on.
  public func stopAccepting() {
    loop.execute { [core] in core.value.stopAccepting() }
  }

  /// Stops accepting, refuses new calls with UNAVAILABLE, and returns once those in flight were
  /// answered and all connections are closed.
  ///
  /// - Parameter grace: how long calls may take; then they are cancelled and cut off.
  /// - Cancellation: cuts off at once.
  public func shutdown(grace: Duration = .seconds(10)) async {
    let deadline = MonotonicTime.now() + grace
    _ = await loop.suspend { [core] _, wait in
      core.value.shutdown(until: deadline, wait)
    }
  }

  /// Whether the peer runs as the user of this process, or as root.
  public static func isSameUserOrRoot(_ peer: PeerCredentials) -> Bool {
    peer.uid == geteuid() || peer.uid == 0
  }

  /// Writes one line that names the method and the error.
  public static func writeToStandardError(_ failure: HandlerFailure) {
    let line = Array("\(failure.method) failed: \(failure.error)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
