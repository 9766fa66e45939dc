import Testing

@testable import TTRPC

@Suite("the client's connection state")
struct ClientConnectionStateTests {
  typealias State = ClientConnectionState<String>

  /// An action as text, so that a table can be compared.
  private func text(_ action: State.Action) -> String {
    switch action {
    case .finish(let call): "finish \(call)"
    case .deliver(let call, let hasMessage, let isLast):
      "deliver \(call)\(hasMessage ? " message" : "")\(isLast ? " last" : "")"
    case .fail(let call, let error): "fail \(call) \(error.reason)"
    case .ignore: "ignore"
    case .close(let error): "close \(error.reason)"
    }
  }

  /// Stream 1 is a unary call, 3 a stream, 5 was answered, 7 was given up, 9 is the next.
  private func prepared() throws -> State {
    var state = State(limits: Limits())
    for (index, call) in ["unary", "stream", "answered", "abandoned"].enumerated() {
      #expect(try state.start(call, isStreaming: call == "stream") == StreamID(2 * index + 1))
    }
    _ = state.received(FrameHeader(length: 0, stream: 5, type: .response))
    #expect(state.abandon(7) == "abandoned")
    return state
  }

  private static let table: [(StreamID, FrameType, FrameFlags, Int, String)] = [
    (1, .response, [], 5, "finish unary"),
    (1, .response, .remoteClosed, 0, "finish unary"),
    (1, .data, [], 5, "fail unary ProtocolViolation"),
    (1, .request, [], 5, "ignore"),
    (1, FrameType(rawValue: 99), [], 5, "ignore"),
    (3, .response, [], 5, "finish stream"),
    (3, .data, [], 5, "deliver stream message"),
    (3, .data, [], 0, "deliver stream message"),
    (3, .data, .noData, 0, "deliver stream"),
    (3, .data, .remoteClosed, 5, "deliver stream message last"),
    (3, .data, .remoteClosed, 0, "deliver stream last"),
    (3, .data, [.remoteClosed, .noData], 0, "deliver stream last"),
    (5, .response, [], 5, "ignore"),
    (5, .data, [], 5, "ignore"),
    (7, .response, [], 5, "ignore"),
    (7, .data, .remoteClosed, 5, "ignore"),
    (0, .response, [], 5, "close ProtocolViolation"),
    (2, .data, [], 5, "close ProtocolViolation"),
    (9, .response, [], 5, "close ProtocolViolation"),
    (0xFFFF_FFFF, .data, [], 5, "close ProtocolViolation"),
  ]

  @Test("gives each frame its one meaning", arguments: table)
  func frames(row: (StreamID, FrameType, FrameFlags, Int, String)) throws {
    var state = try prepared()
    let header = FrameHeader(length: row.3, stream: row.0, type: row.1, flags: row.2)
    #expect(text(state.received(header)) == row.4)
  }

  @Test("ends a call once: what comes after its end is ignored", arguments: table)
  func once(row: (StreamID, FrameType, FrameFlags, Int, String)) throws {
    var state = try prepared()
    let header = FrameHeader(length: row.3, stream: row.0, type: row.1, flags: row.2)
    let before = state.callsInFlight
    _ = state.received(header)
    if state.callsInFlight < before {
      #expect(text(state.received(header)) == "ignore")
      #expect(state.abandon(row.0) == nil)
    }
  }

  @Test("fails the call of a frame that was too long, and only that")
  func oversized() throws {
    var state = try prepared()
    let header = FrameHeader(length: 5 << 20, stream: 1, type: .response)
    #expect(text(state.receivedOversized(header)) == "fail unary FrameTooLarge")
    #expect(text(state.receivedOversized(header)) == "ignore")
    #expect(state.callsInFlight == 1)
  }

  @Test("takes so many frames in a row that answer nothing, then closes; an answer begins anew")
  func ignored() throws {
    var limits = Limits()
    limits.ignoredFrames = 3
    limits.ignoredBytes = 1000
    let late = FrameHeader(length: 1, stream: 1, type: .response)
    let unknown = FrameHeader(length: 1, stream: 1, type: FrameType(rawValue: 9))
    let long = FrameHeader(length: 1001, stream: 1, type: .response)
    func started() throws -> State {
      var state = State(limits: limits)
      for call in ["given up", "open"] { _ = try state.start(call, isStreaming: true) }
      _ = state.abandon(1)
      return state
    }
    var state = try started()
    for header in [late, unknown, late] { #expect(text(state.received(header)) == "ignore") }
    #expect(text(state.received(unknown)) == "close ProtocolViolation")
    state = try started()
    for _ in 1...3 { #expect(text(state.received(late)) == "ignore") }
    let answer = FrameHeader(length: 1, stream: 3, type: .data)
    #expect(text(state.received(answer)) == "deliver open message")
    #expect(text(state.received(late)) == "ignore")
    state = try started()
    #expect(text(state.received(long)) == "close ProtocolViolation")
    state = try started()
    #expect(text(state.receivedOversized(long)) == "close ProtocolViolation")
  }

  @Test("refuses calls beyond the limit until one ends")
  func tooManyCalls() throws {
    var limits = Limits()
    limits.callsInFlight = 2
    var state = State(limits: limits)
    #expect(try state.start("a", isStreaming: false) == 1)
    #expect(try state.start("b", isStreaming: false) == 3)
    #expect(throws: RPCError.tooManyCalls(2)) { try state.start("c", isStreaming: false) }
    _ = state.received(FrameHeader(length: 0, stream: 1, type: .response))
    #expect(try state.start("c", isStreaming: false) == 5)
  }

  @Test("gives every number once, to the last, and then none")
  func lastNumber() throws {
    var state = State(limits: Limits(), firstID: 0xFFFF_FFFF)
    #expect(try state.start("last", isStreaming: false) == 0xFFFF_FFFF)
    #expect(throws: RPCError.streamIDsExhausted) { try state.start("none", isStreaming: false) }
    #expect(
      text(state.received(FrameHeader(length: 0, stream: 0xFFFF_FFFF, type: .response)))
        == "finish last")
  }

  @Test("hands out every open call when the connection is lost, and takes no more")
  func lost() throws {
    var state = try prepared()
    #expect(state.lose(.connectionLost("gone")) == ["unary", "stream"])
    #expect(state.lose(.connectionLost("again")) == [])
    #expect(throws: RPCError.connectionLost("gone").with(.notSent)) {
      try state.start("late", isStreaming: false)
    }
  }
}
