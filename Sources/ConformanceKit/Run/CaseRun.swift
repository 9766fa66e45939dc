internal import JSON
internal import LinuxSystem
internal import PluginProto
internal import Synchronization
internal import TTRPC

/// What a case works with: the plugin, and what it may make of it.
final class CaseRun: Sendable {
  let id: String
  let facts: Facts
  let workplace: Workplace
  let options: ConformanceOptions
  private let openClients = Mutex<[Client]>([])
  private let random: Mutex<SeededNumbers>

  init(_ id: String, _ facts: Facts, _ workplace: Workplace, _ options: ConformanceOptions) {
    self.id = id
    self.facts = facts
    self.workplace = workplace
    self.options = options
    // The same case draws the same numbers whichever others run.
    random = Mutex(SeededNumbers(seed: options.seed &+ SeededNumbers.hash(id)))
  }

  var loop: EventLoop { workplace.loop }
  var patience: Duration { options.patience }
  var effort: Effort { options.effort }

  func number(below bound: Int) -> Int { random.withLock { $0.next(below: bound) } }

  // MARK: Connections

  /// A connection to the shared process, after its handshake.
  func connect() async throws -> HostConnection {
    try await connect(to: try await shared())
  }

  /// The shared process, configured.
  func shared() async throws -> PluginInstance {
    let before = workplace.sharedNow
    let instance = try workplace.shared()
    if instance !== before { try await configure(instance) }
    return instance
  }

  func connect(to instance: PluginInstance, epoch: UInt64? = nil) async throws -> HostConnection {
    let epoch = epoch ?? instance.currentEpoch
    let client = try await loop.within(patience, "connecting") { [self] in
      try await unshaken(instance)
    }
    _ = try await client.call(
      PluginV1.Plugin.handshake, Self.greeting(epoch: epoch), timeout: patience)
    return HostConnection(client: client, instance: instance, patience: patience, epoch: epoch)
  }

  /// A connection on which nothing was said yet.
  func unshaken(_ instance: PluginInstance) async throws -> Client {
    while true {
      let client: Client
      do throws(RPCError) {
        client = try await Client.connect(path: instance.socketPath, on: loop)
      } catch {
        guard error.reason == "ConnectionQueueFull" else { throw error }
        try await loop.sleep(for: .milliseconds(5))
        continue
      }
      openClients.withLock { $0.append(client) }
      return client
    }
  }

  static func greeting(
    epoch: UInt64, nonce: String = "conformance", features: [String] = ["update-step"]
  ) -> PluginV1.HandshakeRequest {
    PluginV1.HandshakeRequest(
      protocolMajors: [1], hostInstance: "conformance", hostEpoch: epoch, nonce: nonce,
      features: features)
  }

  /// A raw connection to the shared process, after its handshake on stream 1.
  func wire() async throws -> WirePeer { try await wire(to: try await shared()) }

  func wire(to instance: PluginInstance, shakesHands: Bool = true) async throws -> WirePeer {
    let connection = try await WireConnection.connect(instance.socketPath, on: loop)
    let peer = WirePeer(connection, on: loop, patience: patience)
    guard shakesHands else { return peer }
    let answer = try await peer.call(
      PluginV1.Plugin.handshake, Self.greeting(epoch: instance.currentEpoch), stream: 1)
    try require(answer.code == .ok, "Handshake was refused: \(answer.description)")
    return peer
  }

  /// A process of the case's own, configured, with a connection.
  func start(in stateDirectory: String? = nil) async throws -> HostConnection {
    let instance = try workplace.start(in: stateDirectory)
    return try await configure(instance)
  }

  /// A process of the case's own to which nothing was said yet.
  func startUntouched() throws -> PluginInstance { try workplace.start() }

  @discardableResult
  private func configure(_ instance: PluginInstance) async throws -> HostConnection {
    let host = try await connect(to: instance)
    _ = try await host.call(PluginV1.Plugin.describe, .init(call: host.context))
    let config = facts.samples.config ?? facts.subject.config
    let scratch = try workplace.makeDirectory("config")
    _ = try await host.call(
      PluginV1.Plugin.configure,
      .init(
        call: host.context, config: config.filled(values(scratch, "config")).serialized(),
        stateDirectory: instance.stateDirectory))
    return host
  }

  /// Kills the process and starts another one with the state that it left.
  func restart(_ host: HostConnection) async throws -> HostConnection {
    try await host.instance.kill(patience)
    return try await start(in: host.instance.stateDirectory)
  }

  /// The process lives and serves whoever connects.
  func requireServing(_ instance: PluginInstance, after what: String) async throws {
    do {
      let host = try await connect(to: instance)
      _ = try await host.health()
      host.close()
    } catch {
      let end = instance.exitStatus.map { "its process ended with \($0)" } ?? "\(error)"
      throw CaseFailure("after \(what) the plugin serves nobody: \(end)")
    }
  }

  func closeConnections() {
    let clients = openClients.withLock { clients in
      defer { clients = [] }
      return clients
    }
    for client in clients { client.close() }
  }

  // MARK: Tasks

  /// A task of the type, under an id of its own.
  func task(
    _ type: PluginV1.TaskTypeDescription,
    _ sample: any KeyPath<Samples.TaskType, JSONValue?> & Sendable = \.good
  ) throws -> TaskTry {
    guard let samples = facts.samples.tasks[type.type], let params = samples[keyPath: sample] else {
      throw CaseFailure("conformance.yaml lacks params of \(type.type)")
    }
    let id = workplace.unique("task")
    let values = values(try workplace.makeDirectory("scratch"), id)
    let effect: Samples.Effect? = samples.effect.map { effect in
      switch effect {
      case .lines(let path): .lines(path.filled(values))
      case .entries(let path): .entries(path.filled(values))
      }
    }
    return TaskTry(
      id: id, type: type, params: params.filled(values).serialized(),
      target: facts.samples.target.isEmpty ? "local" : facts.samples.target,
      phase: facts.phases[type.type] ?? "", effect: effect)
  }

  func values(_ scratch: String, _ id: String) -> [String: String] {
    facts.samples.variables.merging(["scratch": scratch, "id": id]) { $1 }
  }

  /// A task whose effect can be counted.
  func counted() throws -> TaskTry { try task(known(facts.counted)) }

  func slow() throws -> TaskTry { try task(known(facts.type(\.slow)), \.slow) }

  func good() throws -> TaskTry { try task(known(facts.type(\.good))) }

  /// What a need of the case has made sure of.
  func known<Value>(
    _ value: Value?, _ otherwise: String = "the case does not name what it needs"
  ) throws -> Value {
    guard let value else { throw CaseFailure(otherwise) }
    return value
  }
}
