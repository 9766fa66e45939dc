import PluginProto
import TTRPC

/// Which connections have shaken hands, and which host is the newest. A pure value.
struct HostSessions: Sendable {
  /// Majors of mortise.plugin that this SDK speaks.
  static let protocolMajors: [UInt32] = [1]
  /// Minors that this SDK speaks.
  static let features = [PluginV1.Feature.updateStep]
  /// Connections that are remembered, many times what a server holds open at once. One that was
  /// pushed out after all shakes hands anew.
  static let connectionsMax = 1024

  private let instance: String
  private let connectionsMax: Int
  /// Host epoch by connection, the least recently used first.
  private var sessions: [(connection: UInt64, epoch: UInt64)] = []
  private var highestEpoch: UInt64 = 0

  init(instance: String, connectionsMax: Int = HostSessions.connectionsMax) {
    self.instance = instance
    self.connectionsMax = connectionsMax
  }

  /// Opens a connection for calls.
  mutating func handshake(
    _ request: PluginV1.HandshakeRequest, on connection: UInt64
  ) throws(RPCError) -> PluginV1.HandshakeReply {
    let common = Self.protocolMajors.filter(request.protocolMajors.contains)
    guard let major = common.max() else {
      throw RPCError(
        .failedPrecondition, reason: "NoCommonProtocol",
        message: "this plugin speaks mortise.plugin majors \(Self.protocolMajors), the host "
          + "\(request.protocolMajors); install a version of either that shares one")
    }
    try check(request.hostEpoch)
    sessions.removeAll { $0.connection == connection }
    sessions.append((connection, request.hostEpoch))
    if sessions.count > connectionsMax { sessions.removeFirst() }
    return PluginV1.HandshakeReply(
      protocolMajor: major, pluginInstance: instance, nonce: request.nonce,
      features: Self.features.filter(request.features.contains))
  }

  /// Refuses a call before its connection's handshake, and one of a host that was replaced.
  mutating func admit(
    _ call: PluginV1.CallContext?, on connection: UInt64
  ) throws(RPCError) {
    guard let index = sessions.firstIndex(where: { $0.connection == connection }) else {
      throw RPCError(
        .failedPrecondition, reason: "HandshakeRequired",
        message: "the first call on a connection must be Plugin.Handshake")
    }
    let session = sessions.remove(at: index)
    sessions.append(session)
    // A call that names no epoch is of the host that shook hands.
    let named = call?.hostEpoch ?? 0
    try check(named == 0 ? session.epoch : named)
  }

  private mutating func check(_ epoch: UInt64) throws(RPCError) {
    guard epoch >= highestEpoch else {
      throw RPCError(
        .failedPrecondition, reason: "StaleHostEpoch",
        message: "host epoch \(epoch) was replaced by \(highestEpoch); this host must stop")
    }
    highestEpoch = epoch
  }
}
