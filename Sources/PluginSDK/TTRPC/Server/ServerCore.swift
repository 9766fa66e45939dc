internal import LinuxSystem

/// A server's listeners and connections.
///
/// - Isolation: the loop's thread.
final class ServerCore {
  /// How long accepting rests after the process ran out of descriptors or memory.
  static let acceptPause = Duration.milliseconds(100)

  private let loop: EventLoop
  private let router: Router
  private let limits: Limits
  private let isAdmitted: @Sendable (PeerCredentials) -> Bool
  private let handlerFailed: @Sendable (Server.HandlerFailure) -> Void
  private var listeners: [Listener] = []
  private var connections: [UInt64: ServerConnection] = [:]
  private var lastConnectionID: UInt64 = 0
  private var isShuttingDown = false
  private var shutdownWaiters: [LoopWait] = []
  private var shutdownTimers: [LoopTimer] = []

  init(
    on loop: EventLoop, router: Router, limits: Limits,
    admit: @escaping @Sendable (PeerCredentials) -> Bool,
    handlerFailed: @escaping @Sendable (Server.HandlerFailure) -> Void
  ) {
    self.loop = loop
    self.router = router
    self.limits = limits
    isAdmitted = admit
    self.handlerFailed = handlerFailed
  }

  func serve(_ descriptor: Descriptor) {
    if isShuttingDown { return }
    let listener = Listener(descriptor, on: loop, server: self)
    listeners.append(listener)
    listener.resume()
  }

  /// Whether another connection fits.
  var hasRoom: Bool { connections.count < limits.connections }

  func admit(_ descriptor: Descriptor) {
    // A peer whose name the kernel won't tell, or that isn't admitted, is hung up on.
    guard !isShuttingDown, let peer = try? UnixSocket.peerCredentials(descriptor), isAdmitted(peer)
    else { return }
    lastConnectionID += 1
    let hooks = ServerConnection.Hooks(
      ended: { [self] connection in ended(connection) }, handlerFailed: handlerFailed)
    let connection = ServerConnection(
      descriptor, id: lastConnectionID, peer: peer, on: loop, limits: limits, router: router,
      hooks: hooks)
    connections[connection.id] = connection
    connection.open()
  }

  func stopAccepting() {
    for listener in listeners { listener.close() }
    listeners = []
  }

  func shutdown(until deadline: MonotonicTime, _ wait: LoopWait) {
    isShuttingDown = true
    stopAccepting()
    let timer = LoopTimer(deadline: deadline) { [weak self] in self?.closeAll() }
    loop.confined.timers.insert(timer)
    shutdownTimers.append(timer)
    wait.onCancel = { [weak self] in self?.closeAll() }
    shutdownWaiters.append(wait)
    for connection in connections.values { connection.drain() }
    finishShutdownIfEmpty()
  }

  private func closeAll() {
    for connection in connections.values { connection.close() }
  }

  private func ended(_ connection: ServerConnection) {
    connections[connection.id] = nil
    for listener in listeners { listener.resume() }
    finishShutdownIfEmpty()
  }

  private func finishShutdownIfEmpty() {
    guard isShuttingDown, connections.isEmpty else { return }
    for waiter in shutdownWaiters { waiter.finish(.success(())) }
    shutdownWaiters = []
    for timer in shutdownTimers { loop.confined.timers.remove(timer) }
    shutdownTimers = []
  }
}

/// A listening socket of a server.
///
/// - Isolation: the loop's thread.
final class Listener: ReadinessHandler {
  /// Connections accepted before the rest of the loop has its turn.
  private static let acceptsPerTurnMax = 16

  private let descriptor: Descriptor
  private let loop: EventLoop
  private let server: ServerCore
  private var token: UInt64?
  private var isClosed = false

  init(_ descriptor: Descriptor, on loop: EventLoop, server: ServerCore) {
    self.descriptor = descriptor
    self.loop = loop
    self.server = server
  }

  /// Accepts, from now on or again. Does nothing where it accepts already.
  func resume() {
    if isClosed || token != nil { return }
    do throws(SystemError) {
      token = try loop.confined.register(descriptor.number, .readable, self)
    } catch {
      // Only the kernel's memory can be the cause: the next pause ends it, or tries again.
      pause()
    }
  }

  func close() {
    isClosed = true
    rest()
    descriptor.close()
  }

  func ready(_ readiness: Epoll.Readiness) {
    for _ in 0..<Self.acceptsPerTurnMax {
      if isClosed { return }
      // The server resumes its listeners when a connection ends.
      guard server.hasRoom else { return rest() }
      do throws(SystemError) {
        guard let connection = try UnixSocket.accept(descriptor) else { return }
        server.admit(connection)
      } catch {
        return pause()
      }
    }
  }

  private func rest() {
    if let token = token.take() { loop.confined.unregister(token) }
  }

  /// The process is out of descriptors or memory: the connection stays in the backlog meanwhile.
  private func pause() {
    rest()
    let timer = LoopTimer(deadline: .now() + ServerCore.acceptPause) { [weak self] in
      self?.resume()
    }
    loop.confined.timers.insert(timer)
  }
}
