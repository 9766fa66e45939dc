public import LinuxSystem
internal import PluginProto

/// Calls the methods of a peer over one connection.
///
/// The connection lives on its loop; calls may be made from anywhere, and one made on the loop
/// costs no hop. It doesn't reconnect: once closed, every call fails with UNAVAILABLE and whoever
/// owns the client makes another.
///
/// - Invariant: every call ends, with a reply, its timeout, its cancellation or the connection's
///   loss (guarded by `ClientServerTests`).
public final class Client: Sendable {
  let loop: EventLoop
  let limits: Limits
  private let connection: LoopBound<ClientConnection>
  /// Who listens at the other end; nil where the descriptor is no Unix socket.
  public let peerCredentials: PeerCredentials?

  /// Takes a connected socket.
  public init(descriptor: Descriptor, on loop: EventLoop, limits: Limits = Limits()) {
    self.loop = loop
    self.limits = limits
    peerCredentials = try? UnixSocket.peerCredentials(descriptor)
    let connection = LoopBound(
      ClientConnection(descriptor, on: loop, limits: limits), on: loop)
    self.connection = connection
    if loop.isOnLoop {
      connection.value.open()
    } else {
      loop.execute { connection.value.open() }
    }
  }

  deinit { close() }

  /// Connects to the Unix socket at `path`.
  ///
  /// - Throws: UNAVAILABLE, nothing sent: nobody listens there (ConnectionRefused), or the
  ///   listener's backlog is full (ConnectionQueueFull).
  public static func connect(
    path: String, on loop: EventLoop, limits: Limits = Limits()
  ) async throws(RPCError) -> Client {
    do throws(SystemError) {
      return Client(descriptor: try UnixSocket.connect(path), on: loop, limits: limits)
    } catch {
      throw RPCError(
        .unavailable, reason: error.isWouldBlock ? "ConnectionQueueFull" : "ConnectionRefused",
        message: error.description, delivery: .notSent)
    }
  }

  /// Ends the connection and every call on it. Closing again does nothing.
  public func close() {
    loop.execute { [connection] in connection.value.close() }
  }

  /// Returns once the connection is closed, from either side.
  ///
  /// - Cancellation: returns at once.
  public func waitUntilClosed() async {
    _ = await loop.suspend { [connection] _, wait in connection.value.addCloseWaiter(wait) }
  }

  func withConnection(_ body: @escaping @Sendable (ClientConnection) -> Void) {
    if loop.isOnLoop {
      body(connection.value)
    } else {
      loop.execute { [connection] in body(connection.value) }
    }
  }

  /// A cancellation may come from inside of what it cancels, so it always waits for its turn.
  func cancel(_ call: LoopBound<some ClientCall>) {
    loop.execute { [connection] in connection.value.cancel(call.value) }
  }
}
