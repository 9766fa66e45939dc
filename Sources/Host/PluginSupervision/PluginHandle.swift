internal import LinuxSystem
public import PluginProto
public import TTRPC

/// A Ready plugin as its callers see it: what it is, and a way to call it.
///
/// A handle is of one connection. When that is lost, each call through it fails as not sent; ask
/// the supervisor for the present one.
public struct PluginHandle: Sendable {
  /// Calls that may wait for an answer at once; one more is refused as RESOURCE_EXHAUSTED, unsent.
  public static let inFlightLimit = 1024

  public let name: String
  public let version: String
  /// The name of its folder.
  public let place: String
  /// Whether somebody else runs it.
  public var isExternal = false
  /// `sha256:…` of the executable that runs; empty where nobody can vouch for it.
  public let digest: String
  public let pid: Int32
  public let description: PluginV1.DescribeReply
  /// By task type.
  public let schemas: [String: TaskTypeSchemas]
  /// The driver's targets as it told them last; empty where it is no driver.
  public internal(set) var targets: [PluginV1.TargetState]
  public let grants: PluginGrants
  /// Minors of the protocol that host and plugin share.
  public let features: Set<String>
  /// What the plugin was configured with and nobody else is shown.
  public let secrets: PluginSecrets
  public let client: Client
  let meter: PluginMeter

  /// `name@version`, and for an external plugin `name@version~external`: what the one began is nothing
  /// that the other knows of.
  public var id: String { PluginSnapshot.id(name, version, isExternal: isExternal) }

  /// Calls the plugin, counted among its calls in flight.
  ///
  /// - Cancellation: ends the wait; whether the plugin did what was asked is unknown.
  /// - Parameter timeout: also sent to the plugin, as the envelope's timeout.
  /// - Throws: the plugin's error, or UNAVAILABLE, DEADLINE_EXCEEDED and the like of this side;
  ///   `delivery` tells whether the plugin may have received the request.
  public func call<Request, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, timeout: Duration
  ) async throws(RPCError) -> Reply {
    guard meter.enter(limit: Self.inFlightLimit) else {
      throw RPCError(
        .resourceExhausted, reason: "TooManyCallsInFlight",
        message: "plugin \(name) has \(Self.inFlightLimit) calls in flight; try again later",
        delivery: .notSent)
    }
    defer { meter.leave() }
    let began = MonotonicTime.now()
    do throws(RPCError) {
      let reply = try await client.call(method, request, timeout: timeout)
      meter.answered(in: MonotonicTime.now().duration(since: began))
      return reply
    } catch {
      var shown = error
      shown.message = secrets.redact(error.message)
      shown.reason = secrets.redact(error.reason)
      throw shown
    }
  }

  /// Whether the plugin carries out tasks of this type.
  public func offers(taskType type: String) -> Bool {
    description.taskTypes.contains { $0.type == type }
  }

  /// Whether the plugin converges intents of this kind on this target.
  public func drives(kind: String, target: String) -> Bool {
    guard let driver = description.driver else { return false }
    return driver.kinds.contains { $0.kind == kind } && targets.contains { $0.name == target }
  }
}
