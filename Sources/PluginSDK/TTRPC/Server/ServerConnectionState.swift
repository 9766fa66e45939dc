/// Which calls of a peer are open on a server's connection, and what each frame means for them.
///
/// Pure: frames in, one action out, which the shell performs.
///
/// A stream is absent → running → absent once its handler has answered; or running → answered
/// (its deadline passed, the peer broke it) → absent once its handler has returned. An answered
/// stream still counts as in flight: its handler holds on to what it uses.
///
/// - Invariant: a stream is answered at most once (guarded by `ServerConnectionStateTests`).
struct ServerConnectionState {
  /// How the peer opened a stream.
  enum Mode: Equatable {
    case unary
    /// The peer takes a stream of messages and sends none.
    case streaming
  }

  /// What a frame asks of the shell.
  enum Action: Equatable {
    /// The payload is a request: start its handler, or `refuse` it.
    case open(StreamID, Mode)
    /// Answer with the error.
    case refuse(StreamID, RPCError)
    /// Answer with the error, and cancel the stream's handler.
    case abort(StreamID, RPCError)
    case ignore
  }

  private enum Phase { case running, answered }

  private let limits: Limits
  private var streams: [StreamID: Phase] = [:]
  private var lastID: StreamID = 0
  private var isDraining = false

  init(limits: Limits) { self.limits = limits }

  var callsInFlight: Int { streams.count }
  /// No call is left and none will come.
  var isDrained: Bool { isDraining && streams.isEmpty }

  mutating func received(_ header: FrameHeader) -> Action {
    switch header.type {
    case .request: receivedRequest(header)
    case .data: receivedData(header)
    // A response has no meaning here, and other types may have one some day.
    default: .ignore
    }
  }

  mutating func receivedOversized(_ header: FrameHeader) -> Action {
    guard header.type == .request || header.type == .data else { return .ignore }
    if header.type == .request, header.stream % 2 == 1 { lastID = max(lastID, header.stream) }
    return abortOrRefuse(header.stream, .frameTooLarge(header.length, limits.frameBytes))
  }

  /// The handler has returned: whether its answer is to be sent.
  mutating func handlerEnded(_ id: StreamID) -> Bool {
    streams.removeValue(forKey: id) == .running
  }

  /// An opened stream is answered without, or before, its handler: whether it was still open.
  mutating func answer(_ id: StreamID) -> Bool {
    guard streams[id] == .running else { return false }
    streams[id] = .answered
    return true
  }

  /// Whether the stream's handler may still send.
  func isOpen(_ id: StreamID) -> Bool { streams[id] == .running }

  /// From now on new requests are refused with UNAVAILABLE.
  mutating func drain() { isDraining = true }

  private mutating func receivedRequest(_ header: FrameHeader) -> Action {
    let id = header.stream
    if id % 2 == 0 {
      return .refuse(
        id, .badStream("StreamIDNotOdd", "a client's stream numbers are odd, not \(id)"))
    }
    if id <= lastID {
      return abortOrRefuse(
        id,
        .badStream("StreamIDNotRising", "stream number \(id) came after \(lastID)"))
    }
    lastID = id
    if header.flags.contains(.remoteOpen) { return .refuse(id, .clientStreaming) }
    if isDraining { return .refuse(id, .shuttingDown) }
    if streams.count >= limits.callsInFlight {
      return .refuse(id, .tooManyCalls(limits.callsInFlight))
    }
    streams[id] = .running
    return .open(id, header.flags.contains(.remoteClosed) ? .streaming : .unary)
  }

  private mutating func receivedData(_ header: FrameHeader) -> Action {
    let id = header.stream
    if id % 2 == 0 || id > lastID {
      return .refuse(id, .badStream("UnknownStream", "data for stream \(id), which isn't open"))
    }
    // The peer may not have read yet that the stream is over; and a bare "closed" says nothing new.
    guard streams[id] == .running, !(header.flags.contains(.noData) && header.length == 0) else {
      return .ignore
    }
    return abortOrRefuse(
      id, .badStream("DataAfterClose", "data for stream \(id), which takes none"))
  }

  private mutating func abortOrRefuse(_ id: StreamID, _ error: RPCError) -> Action {
    answer(id) ? .abort(id, error) : .refuse(id, error)
  }
}
