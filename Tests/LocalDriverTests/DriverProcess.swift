import Glibc
import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC
import TestPlaces
import Testing

/// The real `local-plugin`, started as a process and spoken to as the host does.
///
/// Killing it with SIGKILL and starting it again on the same directory is what the tests are about.
final class DriverProcess: Sendable {
  /// Generous: a machine that builds at the same time is slow, and nothing here waits in vain.
  static let callTimeout = Duration.seconds(300)
  private static let loop = try? EventLoop.startThread("local driver tests")

  let process: SpawnedProcess
  private let client: Client
  private let cursor = Atomic<UInt64>(0)

  /// - Parameters:
  ///   - directory: holds everything of one test: images, socket, state.
  ///   - failpoint: armed in the driver.
  init(in directory: TemporaryDirectory, failpoint: String? = nil) async throws {
    let socket = "\(directory.path)/plugin.sock"
    try FileSystem.remove(socket)
    let listener = try UnixSocket.listen(socket)
    let log = try Descriptor.open("\(directory.path)/plugin.log", O_WRONLY | O_CREAT | O_APPEND)
    var environment = ["MORTISE_LISTEN_FD": "3"]
    environment["MORTISE_FAILPOINT"] = failpoint
    process = try spawn(
      ProcessSpec(
        .path(BuiltProducts.path("local-plugin")), arguments: ["local-plugin"],
        environment: environment,
        descriptors: [.init(listener, as: 3), .init(log, as: STDERR_FILENO)]))
    client = try await Client.connect(path: socket, on: try #require(Self.loop))
    var handshake = PluginV1.HandshakeRequest()
    handshake.protocolMajors = [1]
    handshake.hostEpoch = 1
    handshake.nonce = "tests"
    _ = try await client.call(PluginV1.Plugin.handshake, handshake, timeout: Self.callTimeout)
    var configure = PluginV1.ConfigureRequest()
    configure.config = JSONValue.object(
      JSONObject([("images", .array([.string("\(directory.path)/images")]))])
    ).serialized()
    configure.stateDirectory = "\(directory.path)/state"
    try FileSystem.makeDirectories(configure.stateDirectory)
    _ = try await client.call(PluginV1.Plugin.configure, configure, timeout: Self.callTimeout)
  }

  deinit {
    client.close()
    kill()
  }

  /// Ends the driver as hard as it gets, and returns when it is gone.
  func kill() {
    _ = try? process.pidfd.signal(SIGKILL)
    var item = pollfd(fd: process.pidfd.descriptor.number, events: Int16(POLLIN), revents: 0)
    poll(&item, 1, 10_000)
    _ = try? process.pidfd.reap()
  }

}

/// A refusal of the driver's, as the host sees it.
struct Refusal: Error, Equatable {
  var result: PluginV1.DriverResult
  var reason: String
  var message: String
}

extension DriverProcess {
  static func intent(
    _ kind: String, _ key: String, _ spec: JSONValue, generation: UInt64 = 1, owner: String = "o1"
  ) -> PluginV1.Intent {
    var intent = PluginV1.Intent()
    intent.id = PluginV1.IntentKey()
    intent.id?.target = "local"
    intent.id?.kind = kind
    intent.id?.key = key
    intent.spec = spec.serialized()
    intent.generation = generation
    intent.owner = PluginV1.ResourceRef()
    intent.owner?.uid = owner
    return intent
  }

  @discardableResult
  func apply(_ intent: PluginV1.Intent) async throws -> JSONValue {
    try await call(PluginV1.Drivers.apply, intent)
  }

  @discardableResult
  func remove(_ intent: PluginV1.Intent) async throws -> JSONValue {
    try await call(PluginV1.Drivers.remove, intent)
  }

  private func call(
    _ method: Method<PluginV1.DriverRequest, PluginV1.DriverReply>, _ intent: PluginV1.Intent
  ) async throws -> JSONValue {
    var request = PluginV1.DriverRequest()
    request.intent = intent
    let reply = try await client.call(method, request, timeout: Self.callTimeout)
    guard reply.result == .done else {
      throw Refusal(result: reply.result, reason: reply.reason, message: reply.message)
    }
    return reply.observed.isEmpty ? .null : try JSONValue(parsing: reply.observed)
  }

  func readLog(_ request: PluginV1.ReadLogRequest) async throws -> PluginV1.ReadLogReply {
    try await client.call(PluginV1.Drivers.readLog, request, timeout: Self.callTimeout)
  }

  func verify(
    _ intent: PluginV1.Intent
  ) async throws -> (presence: PluginV1.Presence, observed: JSONValue) {
    var request = PluginV1.VerifyRequest()
    request.target = "local"
    request.intents = [intent]
    let reply = try await client.call(PluginV1.Drivers.verify, request, timeout: Self.callTimeout)
    let answer = try #require(reply.verifications.first)
    return (
      answer.presence, answer.observed.isEmpty ? .null : try JSONValue(parsing: answer.observed)
    )
  }

  /// What is observed once the condition holds: asked anew after each update that the driver pushes,
  /// so a change that isn't pushed fails the test.
  @discardableResult
  func observe(
    _ intent: PluginV1.Intent, within limit: Duration = DriverProcess.callTimeout,
    _ condition: (JSONValue) -> Bool
  ) async throws -> JSONValue {
    let deadline = MonotonicTime.now() + limit
    while true {
      let observed = try await verify(intent).observed
      if condition(observed) { return observed }
      guard MonotonicTime.now() < deadline else {
        Issue.record("not in time: \(observed)")
        throw CancellationError()
      }
      try await waitForUpdate(milliseconds: 5000)
    }
  }

  /// Returns at the driver's next push, or when the time is over.
  func waitForUpdate(milliseconds: UInt32) async throws {
    var request = PluginV1.UpdatesRequest()
    request.cursor = cursor.load(ordering: .relaxed)
    request.waitMS = milliseconds
    let reply = try await client.call(PluginV1.Plugin.updates, request, timeout: Self.callTimeout)
    cursor.store(reply.cursor, ordering: .relaxed)
  }
}
