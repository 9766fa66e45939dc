internal import Glibc
internal import JSON
internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// The calls that make a process a Ready plugin: Handshake, Describe, Configure, Targets.
struct PluginIntroduction: Sendable {
  /// Majors of `mortise.plugin` that this host speaks.
  static let protocolMajors: [UInt32] = [1]
  /// Minors of the protocol that this host speaks.
  static let features = [PluginV1.Feature.updateStep]

  let manifest: PluginManifest
  /// What Configure hands over: the manifest's, its secrets filled in.
  let config: JSONObject
  let paths: PluginPaths
  let host: HostIdentity
  let loop: EventLoop
  let pid: Int32
  /// Whether it is the process's first connection.
  let configures: Bool
  /// For each call; the lifecycle has one for the whole.
  let timeout: Duration

  /// Returns when the plugin, described like this, may be configured; false = not any more.
  let turn: @Sendable (PluginV1.DescribeReply) async -> Bool

  /// What came of it: a connection to a plugin that takes calls.
  struct Outcome: Sendable {
    var client: Client
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
    let client = try connect()
    do throws(IntroductionError) {
      let features = try await shakeHands(client)
      let description = try await describe(client)
      guard await turn(description) else {
        throw IntroductionError("it was ended before its turn came", .noConnection)
      }
      if configures { try await configure(client, isDriver: description.driver != nil) }
      let targets = description.driver == nil ? [] : try await targets(client)
      return Outcome(
        client: client, description: description, targets: targets, features: features)
    } catch {
      client.close()
      throw error
    }
  }

  /// The kernel tells who called listen: this host, which hands over a socket that listens, or the
  /// plugin, if it called that again. Anyone else has put a socket of his own in its place.
  private func connect() throws(IntroductionError) -> Client {
    let socket: Descriptor
    let peer: PeerCredentials
    do throws(SystemError) {
      socket = try UnixSocket.connect(paths.socket)
      peer = try UnixSocket.peerCredentials(socket)
    } catch {
      throw IntroductionError("its socket can't be reached: \(error)", .noConnection)
    }
    guard peer.uid == geteuid(), peer.pid == getpid() || peer.pid == pid else {
      throw IntroductionError(
        "process \(peer.pid) of user \(peer.uid) listens at \(paths.socket), "
          + "which is process \(pid)'s; find out who put it there",
        .impostor)
    }
    return Client(descriptor: socket, on: loop)
  }

  /// - Returns: what both sides have of the features that this host knows.
  private func shakeHands(_ client: Client) async throws(IntroductionError) -> Set<String> {
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
    return Set(Self.features).intersection(reply.features)
  }

  private func describe(_ client: Client) async throws(IntroductionError)
    -> PluginV1.DescribeReply
  {
    let reply = try await call(
      client, PluginV1.Plugin.describe, PluginV1.DescribeRequest(call: context))
    guard reply.name == manifest.name, reply.version == manifest.version else {
      throw IntroductionError(
        "it calls itself \(reply.name) \(reply.version), but its plugin.yaml says "
          + "\(manifest.name) \(manifest.version); make them agree",
        .impostor)
    }
    return reply
  }

  private func configure(_ client: Client, isDriver: Bool) async throws(IntroductionError) {
    let directory = isDriver ? paths.driverDirectory : paths.ownDirectory
    _ = try await call(
      client, PluginV1.Plugin.configure,
      PluginV1.ConfigureRequest(
        call: context, config: JSONValue.object(config).serialized(), stateDirectory: directory))
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
