internal import Glibc
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// The calls that make a process a Ready plugin: Handshake, Describe, Configure, Targets.
struct PluginIntroduction: Sendable {
  /// Majors of `mortise.plugin` that this host speaks.
  static let protocolMajors: [UInt32] = [1]
  /// Minors of the protocol that this host speaks.
  static let features = [PluginV1.Feature.updateStep]

  /// Path of the socket.
  let socket: String
  /// The process that the host started; nil = whoever of this user or root listens there.
  let process: Int32?
  /// What plugin.yaml promises; nil where none does.
  let promised: (name: String, version: String)?
  let host: HostIdentity
  let loop: EventLoop
  /// For each call; the lifecycle has one for the whole.
  let timeout: Duration

  /// Called with the process's instance and what it says of itself. Returns, when its turn has come,
  /// what it is to be configured with; nil = it is already.
  let configuration:
    @Sendable (_ instance: String, PluginV1.DescribeReply) async throws(IntroductionError)
      -> PluginV1.ConfigureRequest?

  /// What came of it: a connection to a plugin that takes calls.
  struct Outcome: Sendable {
    var client: Client
    /// As the kernel names it.
    var pid: Int32
    /// Tells the process from the plugin's others.
    var instance: String
    var description: PluginV1.DescribeReply
    var targets: [PluginV1.TargetState]
    /// Minors that both sides speak.
    var features: Set<String>
  }

  private var context: PluginV1.CallContext { PluginV1.CallContext(hostEpoch: host.epoch) }

  /// Connects, and introduces host and plugin to each other.
  ///
  /// - Throws: why the plugin can't be used; then the connection is closed.
  func perform() async throws(IntroductionError) -> Outcome {
    let (client, pid) = try connect()
    do throws(IntroductionError) {
      let (instance, features) = try await shakeHands(client)
      let description = try await describe(client)
      if let request = try await configuration(instance, description) {
        _ = try await call(client, PluginV1.Plugin.configure, request)
      }
      let targets = description.driver == nil ? [] : try await targets(client)
      return Outcome(
        client: client, pid: pid, instance: instance, description: description, targets: targets,
        features: features)
    } catch {
      client.close()
      throw error
    }
  }

  /// The kernel tells who called listen: this host, which hands over a socket that listens, or the
  /// plugin, if it called that again. Anyone else has put a socket of his own in its place.
  private func connect() throws(IntroductionError) -> (Client, pid: Int32) {
    let connection: Descriptor
    let peer: PeerCredentials
    do throws(SystemError) {
      connection = try UnixSocket.connect(socket)
      peer = try UnixSocket.peerCredentials(connection)
    } catch {
      throw IntroductionError(
        "its socket can't be reached: \(error)",
        error.isNotFound || error.code == ECONNREFUSED ? .noListener : .noConnection)
    }
    if let process {
      guard peer.uid == geteuid(), peer.pid == getpid() || peer.pid == process else {
        throw IntroductionError(
          "process \(peer.pid) of user \(peer.uid) listens at \(socket), "
            + "which is process \(process)'s; find out who put it there",
          .impostor)
      }
    } else if !Server.isSameUserOrRoot(peer) {
      throw IntroductionError(
        "user \(peer.uid) listens at \(socket) (process \(peer.pid)); only this host's user, "
          + "\(geteuid()), and root may: start it as that user",
        .impostor)
    }
    return (Client(descriptor: connection, on: loop), peer.pid)
  }

  /// - Returns: who the process is, and what both sides have of the features that this host knows.
  private func shakeHands(_ client: Client) async throws(IntroductionError) -> (String, Set<String>)
  {
    let nonce = Nonce.make()
    let reply = try await call(
      client, PluginV1.Plugin.handshake,
      PluginV1.HandshakeRequest(
        protocolMajors: Self.protocolMajors, hostInstance: host.instance, hostEpoch: host.epoch,
        nonce: nonce, features: Self.features))
    guard reply.nonce == nonce else {
      throw IntroductionError(
        "its Handshake echoed another nonce: the answer is not to this host's question",
        .impostor)
    }
    guard Self.protocolMajors.contains(reply.protocolMajor) else {
      throw IntroductionError(
        "it chose major \(reply.protocolMajor) of mortise.plugin, but this host speaks "
          + "\(Self.protocolMajors); install a version for this host",
        .impostor)
    }
    return (reply.pluginInstance, Set(Self.features).intersection(reply.features))
  }

  private func describe(_ client: Client) async throws(IntroductionError)
    -> PluginV1.DescribeReply
  {
    let reply = try await call(
      client, PluginV1.Plugin.describe, PluginV1.DescribeRequest(call: context))
    if let promised, reply.name != promised.name || reply.version != promised.version {
      throw IntroductionError(
        "it calls itself \(reply.name) \(reply.version), but its plugin.yaml says "
          + "\(promised.name) \(promised.version); make them agree",
        .impostor)
    }
    return reply
  }

  private func targets(_ client: Client) async throws(IntroductionError)
    -> [PluginV1.TargetState]
  {
    try await call(client, PluginV1.Drivers.targets, PluginV1.TargetsRequest(call: context)).targets
  }

  private func call<Request, Reply>(
    _ client: Client, _ method: Method<Request, Reply>, _ request: Request
  ) async throws(IntroductionError) -> Reply {
    do throws(RPCError) {
      return try await client.call(method, request, timeout: timeout)
    } catch {
      let isHandshake = method.name == PluginV1.Plugin.handshake.name
      throw IntroductionError(
        "\(method.name): \(error.message)", error.code.meaning(inHandshake: isHandshake))
    }
  }
}

/// Why a process does not become a Ready plugin.
struct IntroductionError: Error, Equatable {
  let message: String
  let failure: PluginLifecycle.IntroductionFailure

  init(_ message: String, _ failure: PluginLifecycle.IntroductionFailure) {
    self.message = message
    self.failure = failure
  }
}

extension RPCCode {
  /// What this answer says about the process.
  ///
  /// A plugin that understood and said no, to the versions, the configuration or the call as such,
  /// will say it again. FAILED_PRECONDITION is such an answer only to Handshake; elsewhere it means
  /// that something is missing which may come.
  fileprivate func meaning(inHandshake: Bool) -> PluginLifecycle.IntroductionFailure {
    switch self {
    case .invalidArgument, .permissionDenied, .unimplemented, .unauthenticated: .impostor
    case .failedPrecondition where inHandshake: .impostor
    case .unavailable: .noConnection
    default: .refused
    }
  }
}
