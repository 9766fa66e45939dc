import PluginProto
import TTRPC

extension DriverService {
  /// The longest that one ReadLog waits for more.
  static let logWaitMax = Duration.seconds(30)

  func readLog(_ request: PluginV1.ReadLogRequest) async throws -> PluginV1.ReadLogReply {
    guard let driver = driver as? any LogDriver else {
      throw RPCError.notOffered("Drivers.ReadLog")
    }
    let key = IntentKey(request.id)
    try check(key)
    do {
      var reply = PluginV1.ReadLogReply(
        nextOffset: request.offset, processes: try await driver.loggedProcesses(of: key))
      if request.process.isEmpty { return reply }
      guard reply.processes.contains(request.process) else {
        throw RPCError(
          .notFound, reason: "UnknownProcess",
          message: "\(key) has no process \"\(request.process)\" with a log; it has: "
            + reply.processes.joined(separator: ", "))
      }
      let passage = try await driver.readLog(
        LogQuery(
          intent: key, process: request.process, offset: request.offset,
          sinceUnixMS: request.sinceUnixMS,
          wait: min(.milliseconds(Int(request.waitMS)), Self.logWaitMax)))
      guard passage.text.count <= LogPassage.bytesMax else {
        throw RPCError(
          .internal, reason: "InvalidPassage",
          message: "the driver answered \(passage.text.count) bytes of log, more than "
            + "\(LogPassage.bytesMax)")
      }
      reply.text = passage.text
      reply.nextOffset = passage.nextOffset
      reply.skipped = passage.isBehindGap
      return reply
    } catch let failure as DriverFailure {
      throw RPCError(
        failure.isRecoverable ? .unavailable : .failedPrecondition, reason: failure.reason,
        message: failure.message)
    }
  }
}
