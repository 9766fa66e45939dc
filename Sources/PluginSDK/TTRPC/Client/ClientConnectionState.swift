/// Which of a client's calls are open on a connection, and what each frame means for them.
///
/// Pure: frames and calls in, one action out, which the shell performs. `Call` is whatever the
/// shell keeps for a call.
///
/// - Invariant: a call is handed out by exactly one action that ends it (guarded by
///   `ClientConnectionStateTests`).
struct ClientConnectionState<Call> {
  /// What a frame asks of the shell.
  enum Action {
    /// The payload is the response that ends the call.
    case finish(Call)
    /// A stream's frame: its payload is a message if `hasMessage`; nothing follows if `isLast`.
    case deliver(Call, hasMessage: Bool, isLast: Bool)
    /// The call ends with this error.
    case fail(Call, RPCError)
    /// A late frame of a call that nobody waits for, or of a type that may mean something one day.
    case ignore
    /// The peer can't be followed any more.
    case close(RPCError)
  }

  private struct Stream {
    let call: Call
    let isStreaming: Bool
  }

  private let limits: Limits
  private var streams: [StreamID: Stream] = [:]
  private var lastID: StreamID?
  private var closeError: RPCError?
  /// Frames, and bytes of them, that nobody waited for, since the last one that somebody did.
  private var ignoredFrames = 0
  private var ignoredBytes = 0

  init(limits: Limits, firstID: StreamID = 1) {
    self.limits = limits
    lastID = firstID == 1 ? nil : firstID - 2
  }

  var callsInFlight: Int { streams.count }

  /// Gives a new call its stream, or says why there is none; then nothing was sent.
  mutating func start(_ call: Call, isStreaming: Bool) throws(RPCError) -> StreamID {
    if let closeError { throw closeError.with(.notSent) }
    if streams.count >= limits.callsInFlight { throw .tooManyCalls(limits.callsInFlight) }
    if lastID == .max { throw .streamIDsExhausted }
    let id = lastID.map { $0 + 2 } ?? 1
    lastID = id
    streams[id] = Stream(call: call, isStreaming: isStreaming)
    return id
  }

  mutating func received(_ header: FrameHeader) -> Action {
    guard header.type == .response || header.type == .data else { return ignore(header) }
    guard wasOpened(header.stream) else {
      return .close(
        .protocolViolation("the peer answered on stream \(header.stream), which was never opened"))
    }
    guard let stream = streams[header.stream] else { return ignore(header) }
    (ignoredFrames, ignoredBytes) = (0, 0)
    if header.type == .response {
      streams[header.stream] = nil
      return .finish(stream.call)
    }
    guard stream.isStreaming else {
      streams[header.stream] = nil
      return .fail(
        stream.call, .protocolViolation("the peer answered a unary call with stream data"))
    }
    let isLast = header.flags.contains(.remoteClosed)
    if isLast { streams[header.stream] = nil }
    // A closing frame without bytes is an end; elsewhere no bytes are an empty message.
    let hasMessage = !header.flags.contains(.noData) && !(isLast && header.length == 0)
    return .deliver(stream.call, hasMessage: hasMessage, isLast: isLast)
  }

  mutating func receivedOversized(_ header: FrameHeader) -> Action {
    guard header.type == .response || header.type == .data,
      let stream = streams.removeValue(forKey: header.stream)
    else { return ignore(header) }
    return .fail(stream.call, .frameTooLarge(header.length, limits.frameBytes))
  }

  /// Late answers are no fault; a peer that sends nothing else keeps its reader busy for nothing.
  private mutating func ignore(_ header: FrameHeader) -> Action {
    ignoredFrames += 1
    ignoredBytes += FrameHeader.size + header.length
    if ignoredFrames <= limits.ignoredFrames, ignoredBytes <= limits.ignoredBytes { return .ignore }
    return .close(
      .protocolViolation(
        "the peer sent \(ignoredFrames) frames (\(ignoredBytes) bytes) in a row that answer nothing"
      ))
  }

  /// Nobody waits for this stream any more: nil where it has ended already.
  mutating func abandon(_ id: StreamID) -> Call? {
    streams.removeValue(forKey: id)?.call
  }

  /// The connection is gone: the calls that end with it. Later calls fail with the same error.
  mutating func lose(_ error: RPCError) -> [Call] {
    if closeError == nil { closeError = error }
    defer { streams.removeAll() }
    return streams.sorted { $0.key < $1.key }.map(\.value.call)
  }

  private func wasOpened(_ id: StreamID) -> Bool {
    guard let lastID else { return false }
    return id % 2 == 1 && id <= lastID
  }
}
