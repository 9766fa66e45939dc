internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// The way to the logs of intents' processes: drivers in the daemon, a script in tests.
protocol ProcessLogPort: Sendable {
  /// Asks the driver of `request.id`, which waits as long as the request says where there is nothing.
  ///
  /// - Throws: UNIMPLEMENTED where the driver keeps no logs; FAILED_PRECONDITION, DriverAbsent where
  ///   none is ready.
  func readLog(_ request: PluginV1.ReadLogRequest) async throws(RPCError) -> PluginV1.ReadLogReply
}

extension PluginDriverPort: ProcessLogPort {
  /// What a driver may take longer than it was asked to wait.
  private static let readLogGrace = Duration.seconds(10)

  func readLog(_ request: PluginV1.ReadLogRequest) async throws(RPCError) -> PluginV1.ReadLogReply {
    let (kind, target) = (request.id?.kind ?? "", request.id?.target ?? "")
    guard let driver = supervisor.driver(forIntentKind: kind, target: target) else {
      throw RPCError(
        .failedPrecondition, reason: "DriverAbsent",
        message:
          "no driver that is ready converges \(kind) on \(target), so its logs can't be read; "
          + "see mortise plugins")
    }
    var request = request
    request.call = PluginV1.CallContext()
    request.call?.hostEpoch = epoch
    // Past the handle's meter: a poll that waits tells nothing of how fast the plugin answers.
    return try await driver.client.call(
      PluginV1.Drivers.readLog, request,
      timeout: .milliseconds(Int(request.waitMS)) + Self.readLogGrace)
  }
}
