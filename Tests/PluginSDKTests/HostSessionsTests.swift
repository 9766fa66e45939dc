import PluginProto
import TTRPC
import Testing

@testable import PluginSDK

@Suite struct HostSessionsTests {
  private func request(_ majors: [UInt32] = [1], epoch: UInt64 = 1) -> PluginV1.HandshakeRequest {
    PluginV1.HandshakeRequest(
      protocolMajors: majors, hostInstance: "h", hostEpoch: epoch, nonce: "n",
      features: ["x", "update-step"])
  }

  private func reason(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? RPCError)?.reason
    }
  }

  @Test("the highest common major is chosen and the nonce echoed")
  func highest() throws {
    var sessions = HostSessions(instance: "p")
    let reply = try sessions.handshake(request([7, 1, 3]), on: 1)
    #expect(reply.protocolMajor == 1)
    #expect(reply.nonce == "n")
    #expect(reply.pluginInstance == "p")
    #expect(reply.features == ["update-step"])
  }

  @Test("disjoint versions are refused with both lists in the message", arguments: [[], [2, 3]])
  func disjoint(_ majors: [UInt32]) {
    var sessions = HostSessions(instance: "p")
    let error = #expect(throws: RPCError.self) { try sessions.handshake(request(majors), on: 1) }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.reason == "NoCommonProtocol")
    #expect(error?.message.contains("[1]") == true)
    #expect(error?.message.contains("\(majors)") == true)
    #expect(reason { try sessions.admit(nil, on: 1) } == "HandshakeRequired")
  }

  @Test("each connection shakes hands for itself")
  func perConnection() throws {
    var sessions = HostSessions(instance: "p")
    _ = try sessions.handshake(request(), on: 1)
    try sessions.admit(nil, on: 1)
    #expect(reason { try sessions.admit(nil, on: 2) } == "HandshakeRequired")
  }

  @Test("a newer host's epoch shuts the older one out")
  func epochs() throws {
    var sessions = HostSessions(instance: "p")
    _ = try sessions.handshake(request(epoch: 4), on: 1)
    _ = try sessions.handshake(request(epoch: 5), on: 2)
    #expect(reason { try sessions.admit(nil, on: 1) } == "StaleHostEpoch")
    #expect(reason { try sessions.admit(.init(hostEpoch: 4), on: 1) } == "StaleHostEpoch")
    #expect(reason { try sessions.admit(.init(hostEpoch: 4), on: 2) } == "StaleHostEpoch")
    #expect(reason { _ = try sessions.handshake(request(epoch: 4), on: 3) } == "StaleHostEpoch")
    try sessions.admit(.init(hostEpoch: 5), on: 2)
    // A call may bring the news before its host shakes hands again.
    try sessions.admit(.init(hostEpoch: 6), on: 2)
    #expect(reason { try sessions.admit(.init(hostEpoch: 5), on: 2) } == "StaleHostEpoch")
  }

  @Test("of many connections the least recently used is forgotten")
  func bounded() throws {
    var sessions = HostSessions(instance: "p", connectionsMax: 2)
    _ = try sessions.handshake(request(), on: 1)
    _ = try sessions.handshake(request(), on: 2)
    try sessions.admit(nil, on: 1)
    _ = try sessions.handshake(request(), on: 3)
    try sessions.admit(nil, on: 1)
    try sessions.admit(nil, on: 3)
    #expect(reason { try sessions.admit(nil, on: 2) } == "HandshakeRequired")
  }
}
