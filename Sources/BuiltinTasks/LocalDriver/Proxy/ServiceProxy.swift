import Glibc
import LinuxSystem
import TTRPC

/// A service's proxy: a process of its own, so that connections outlive the driver.
///
/// It reads its state file, follows it by inotify, and says in `proxy.status.json` beside it what it
/// does. It ends when the file's directory goes, or by SIGTERM. Started by the local driver as
/// `local-plugin service-proxy --state FILE`.
///
/// - Isolation: an actor on the process's one event loop.
public actor ServiceProxy {
  /// The sub-command of `local-plugin`.
  public static let command = "service-proxy"
  /// Connections at once; more wait in the listener's backlog.
  static let maximumConnections = 1024
  /// Between two attempts to listen on an address that another program has.
  static let listenRetryInterval = Duration.seconds(1)

  nonisolated let loop: EventLoop
  private let statePath: String
  private let inotify: Inotify
  private var machine = ProxyMachine()
  private var listener: Descriptor?
  private var connections: [Int: ProxyConnection] = [:]
  private var nextConnection = 0
  /// Resumed when a connection ends.
  private var waiting: [CheckedContinuation<Void, Never>] = []

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// Runs the sub-command; returns the process's exit status when the service is gone.
  ///
  /// - Parameter arguments: those after the sub-command.
  public static func main(_ arguments: [String]) -> Int32 {
    guard arguments.count == 2, arguments[0] == "--state" else {
      complain("usage: local-plugin \(command) --state FILE")
      return 64
    }
    do {
      // Its peers end connections whenever they like; that is no reason to die.
      signal(SIGPIPE, SIG_IGN)
      raiseOpenFilesLimit()
      let loop = try EventLoop(name: command)
      let proxy = try ServiceProxy(statePath: arguments[1], loop: loop)
      loop.spawn { await proxy.follow() }
      loop.run()
      return 0
    } catch {
      complain("\(error)")
      return 1
    }
  }

  /// Two descriptors a connection: as many as the system lets us have.
  private static func raiseOpenFilesLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    // Refused, it is as before: connections beyond the limit end the proxy with a message.
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private init(statePath: String, loop: EventLoop) throws {
    self.statePath = statePath
    self.loop = loop
    inotify = try Inotify()
    // A directory in which a file is open is never seen to be deleted; its file is.
    let changes: Inotify.Changes = [.movedTo, .deleted, .selfDeleted, .selfMoved]
    _ = try inotify.watch(FileSystem.parent(of: statePath), for: changes)
  }

  /// Takes up the state file, then each that replaces it, until its directory goes.
  private func follow() async {
    do {
      while try readState() {
        try await loop.waitReadable(inotify.descriptor.number)
        let events = try inotify.events()
        let gone: Inotify.Changes = [.selfDeleted, .selfMoved]
        if events.contains(where: { !$0.changes.isDisjoint(with: gone) }) { break }
      }
    } catch {
      Self.complain("\(error)")
      exit(1)
    }
    loop.stop()
  }

  /// False where the file is gone: so is the service.
  private func readState() throws -> Bool {
    guard try FileSystem.status(statePath) != nil else { return false }
    guard let state = ProxyState(try StoredDocument.read(statePath)) else {
      throw StoredDocument.Damage(path: statePath, problem: "is no state of a proxy")
    }
    if state != machine.state { try take(state) }
    return true
  }

  private func take(_ state: ProxyState) throws {
    var problem = ""
    for action in machine.take(state) {
      switch action {
      case .listen(let place): problem = listen(on: place)
      case .stopListening: stopListening()
      case .drop(let endpoint):
        for connection in connections.values where connection.endpoint == endpoint {
          connection.end()
        }
      }
    }
    let status = ProxyStatus(
      pid: Int64(getpid()), state: state, isListening: listener != nil, problem: problem)
    let path = "\(FileSystem.parent(of: statePath))/proxy.status.json"
    try StoredDocument.write(status.document, to: path)
  }

  /// Empty where it worked; else why not, and it is tried again.
  private func listen(on place: Endpoint) -> String {
    do {
      let socket = try LoopbackSocket.listen(place.address, place.port)
      listener = socket
      loop.spawn { await self.accept(socket) }
      return ""
    } catch {
      machine.listenFailed()
      let wanted = machine.state
      loop.spawn { await self.listenAgain(wanted) }
      return "\(error)"
    }
  }

  private func listenAgain(_ wanted: ProxyState?) async {
    // The sleep ends with the process alone.
    try? await loop.sleep(for: Self.listenRetryInterval)
    guard let wanted, machine.state == wanted, listener == nil else { return }
    do {
      try take(wanted)
    } catch {
      Self.complain("\(error)")
      exit(1)
    }
  }

  private func stopListening() {
    guard let socket = listener else { return }
    listener = nil
    // Wakes who waits for connections; the last reference closes it.
    shutdown(socket.number, Int32(SHUT_RDWR))
  }

  private static func complain(_ text: String) {
    let line = Array("local-plugin \(command): \(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }
}

extension ServiceProxy {
  private func accept(_ socket: Descriptor) async {
    do {
      while listener === socket {
        guard connections.count < Self.maximumConnections else {
          await connectionEnded()
          continue
        }
        guard let client = try LoopbackSocket.accept(socket) else {
          try await loop.waitReadable(socket.number)
          continue
        }
        forward(client)
      }
    } catch {
      // Closed under us because the service has no endpoint any more; else it is worth ending for.
      guard listener === socket else { return }
      Self.complain("\(error)")
      exit(1)
    }
  }

  private func forward(_ client: Descriptor) {
    guard let endpoint = machine.nextEndpoint() else { return }
    let number = nextConnection
    nextConnection += 1
    let connection = ProxyConnection(client: client, endpoint: endpoint, loop: loop)
    connections[number] = connection
    loop.spawn {
      await connection.run()
      await self.ended(number)
    }
  }

  private func ended(_ number: Int) {
    connections[number] = nil
    let woken = waiting
    waiting = []
    for waiter in woken { waiter.resume() }
  }

  private func connectionEnded() async {
    await withCheckedContinuation { waiting.append($0) }
  }
}
