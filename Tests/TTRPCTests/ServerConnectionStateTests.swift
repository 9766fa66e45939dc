import Testing

@testable import TTRPC

@Suite("the server's connection state")
struct ServerConnectionStateTests {
  private func text(_ action: ServerConnectionState.Action) -> String {
    switch action {
    case .open(let id, let mode): "open \(id) \(mode)"
    case .refuse(let id, let error): "refuse \(id) \(error.code.name) \(error.reason)"
    case .abort(let id, let error): "abort \(id) \(error.code.name) \(error.reason)"
    case .ignore: "ignore"
    }
  }

  private func request(_ id: StreamID, _ flags: FrameFlags = []) -> FrameHeader {
    FrameHeader(length: 4, stream: id, type: .request, flags: flags)
  }

  /// Stream 1 runs, 3 was answered and its handler returned, 5 was answered and its handler runs.
  private func prepared(_ limits: Limits = Limits()) -> ServerConnectionState {
    var state = ServerConnectionState(limits: limits)
    for id: StreamID in [1, 3, 5] { #expect(state.received(request(id)) == .open(id, .unary)) }
    #expect(state.handlerEnded(3) == true)
    #expect(state.answer(5) == true)
    return state
  }

  private static let table: [(StreamID, FrameType, FrameFlags, Int, String)] = [
    (7, .request, [], 4, "open 7 unary"),
    (7, .request, .remoteClosed, 4, "open 7 streaming"),
    (7, .request, .remoteOpen, 4, "refuse 7 UNIMPLEMENTED ClientStreaming"),
    (0xFFFF_FFFF, .request, [], 0, "open 4294967295 unary"),
    (0, .request, [], 4, "refuse 0 INVALID_ARGUMENT StreamIDNotOdd"),
    (8, .request, [], 4, "refuse 8 INVALID_ARGUMENT StreamIDNotOdd"),
    (1, .request, [], 4, "abort 1 INVALID_ARGUMENT StreamIDNotRising"),
    (3, .request, [], 4, "refuse 3 INVALID_ARGUMENT StreamIDNotRising"),
    (5, .request, [], 4, "refuse 5 INVALID_ARGUMENT StreamIDNotRising"),
    (1, .data, [], 4, "abort 1 INVALID_ARGUMENT DataAfterClose"),
    (1, .data, .remoteClosed, 4, "abort 1 INVALID_ARGUMENT DataAfterClose"),
    (1, .data, [.remoteClosed, .noData], 0, "ignore"),
    (3, .data, [], 4, "ignore"),
    (5, .data, [], 4, "ignore"),
    (7, .data, [], 4, "refuse 7 INVALID_ARGUMENT UnknownStream"),
    (8, .data, [], 4, "refuse 8 INVALID_ARGUMENT UnknownStream"),
    (1, .response, [], 4, "ignore"),
    (7, .response, [], 4, "ignore"),
    (7, FrameType(rawValue: 0), [], 4, "ignore"),
    (7, FrameType(rawValue: 200), [], 4, "ignore"),
  ]

  @Test("gives each frame its one meaning", arguments: table)
  func frames(row: (StreamID, FrameType, FrameFlags, Int, String)) {
    var state = prepared()
    let header = FrameHeader(length: row.3, stream: row.0, type: row.1, flags: row.2)
    #expect(text(state.received(header)) == row.4)
  }

  @Test("lets a handler's answer out only where nothing answered before it", arguments: table)
  func answersOnce(row: (StreamID, FrameType, FrameFlags, Int, String)) {
    var state = prepared()
    let header = FrameHeader(length: row.3, stream: row.0, type: row.1, flags: row.2)
    let wasAborted = text(state.received(header)).hasPrefix("abort")
    #expect(state.handlerEnded(1) == !wasAborted)
    #expect(state.handlerEnded(1) == false)
    #expect(state.answer(1) == false)
    #expect(state.handlerEnded(5) == false)
  }

  @Test("refuses a request that was too long, and its number is used up")
  func oversized() {
    var state = prepared()
    let header = FrameHeader(length: 5 << 20, stream: 7, type: .request)
    #expect(text(state.receivedOversized(header)) == "refuse 7 RESOURCE_EXHAUSTED FrameTooLarge")
    #expect(
      text(state.received(request(7))) == "refuse 7 INVALID_ARGUMENT StreamIDNotRising")
    let data = FrameHeader(length: 5 << 20, stream: 1, type: .data)
    #expect(text(state.receivedOversized(data)) == "abort 1 RESOURCE_EXHAUSTED FrameTooLarge")
    let unknown = FrameHeader(length: 5 << 20, stream: 1, type: FrameType(rawValue: 9))
    #expect(state.receivedOversized(unknown) == .ignore)
  }

  @Test("counts a call until its handler has returned, answered or not")
  func tooManyCalls() {
    var limits = Limits()
    limits.callsInFlight = 2
    var state = ServerConnectionState(limits: limits)
    _ = state.received(request(1))
    _ = state.received(request(3))
    #expect(text(state.received(request(5))) == "refuse 5 RESOURCE_EXHAUSTED TooManyCalls")
    #expect(state.answer(1) == true)
    #expect(text(state.received(request(7))) == "refuse 7 RESOURCE_EXHAUSTED TooManyCalls")
    #expect(state.handlerEnded(1) == false)
    #expect(state.received(request(9)) == .open(9, .unary))
  }

  @Test("takes no new calls while it drains, and is drained when the last has ended")
  func draining() {
    var state = prepared()
    #expect(!state.isDrained)
    state.drain()
    #expect(text(state.received(request(7))) == "refuse 7 UNAVAILABLE ShuttingDown")
    #expect(!state.isDrained)
    #expect(state.handlerEnded(1) == true)
    #expect(!state.isDrained)
    #expect(state.handlerEnded(5) == false)
    #expect(state.isDrained)
  }
}
