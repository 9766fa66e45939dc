internal import LinuxSystem
internal import PluginProto

/// The server's side of a connection: the shell around `ServerConnectionState`.
///
/// - Isolation: the loop's thread.
final class ServerConnection: FrameChannelOwner {
  let id: UInt64
  private let loop: EventLoop
  private let limits: Limits
  private let peer: PeerCredentials
  private let router: Router
  private let hooks: Hooks
  private var state: ServerConnectionState
  private var calls: [StreamID: ServerCall] = [:]
  private var blocked: [BlockedMessage] = []
  private var lossError: RPCError?
  // Made right after init, because it needs its owner.
  private var channel: FrameChannel!

  /// What the connection tells its server.
  struct Hooks {
    let ended: (ServerConnection) -> Void
    let handlerFailed: @Sendable (Server.HandlerFailure) -> Void
  }

  init(
    _ descriptor: Descriptor, id: UInt64, peer: PeerCredentials, on loop: EventLoop,
    limits: Limits, router: Router, hooks: Hooks
  ) {
    self.id = id
    self.peer = peer
    self.loop = loop
    self.limits = limits
    self.router = router
    self.hooks = hooks
    state = ServerConnectionState(limits: limits)
    channel = FrameChannel(
      descriptor, on: loop, limits: limits, pausesReadsWhenFull: true, owner: self)
  }

  func open() { channel.open() }

  // MARK: Frames

  func received(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) {
    switch state.received(header) {
    case .open(let stream, let mode): open(stream, mode, payload)
    case let action: perform(action)
    }
  }

  func receivedOversized(_ header: FrameHeader) { perform(state.receivedOversized(header)) }

  private func perform(_ action: ServerConnectionState.Action) {
    switch action {
    case .refuse(let stream, let error): sendError(stream, error)
    case .abort(let stream, let error): abort(stream, error)
    case .open, .ignore: break
    }
  }

  private func open(
    _ stream: StreamID, _ mode: ServerConnectionState.Mode, _ payload: UnsafeRawBufferPointer
  ) {
    do throws(RPCError) {
      try RequestEnvelope.read(payload) { request throws(RPCError) in
        guard let route = router.routes.find(request.service, request.method) else {
          throw .unknownMethod(request.service.text, request.method.text)
        }
        if case .streaming = route.handler, mode == .unary {
          throw .notAStream(route.service, route.method)
        }
        try start(stream, request, route)
      }
    } catch {
      _ = state.handlerEnded(stream)
      sendError(stream, error)
    }
  }

  private func start(
    _ stream: StreamID, _ request: RequestEnvelope, _ route: Route
  ) throws(RPCError) {
    let timeout = request.timeoutNano > 0 ? Duration.nanoseconds(request.timeoutNano) : nil
    let deadline = timeout.map { MonotonicTime.now() + $0 }
    let context = ServerContext(
      peerCredentials: peer, deadline: deadline, connectionID: id, loop: loop)
    let call: ServerCall
    let bound = LoopBound(confined: self, on: loop)
    switch route.handler {
    case .unary(let decode):
      let work = try decode(request.payload)
      call = ServerCall(isStreaming: false)
      call.task = loop.spawn {
        let outcome = await Self.outcome { try await work(context) }
        bound.value.handlerEnded(stream, route, outcome)
      }
    case .streaming(let decode):
      let work = try decode(request.payload)
      call = ServerCall(isStreaming: true)
      call.task = loop.spawn {
        let writer = ServerStream(id: stream, connection: bound)
        let outcome = await Self.outcome { () -> (any ProtoMessage)? in
          try await work(context, writer)
          return nil
        }
        bound.value.handlerEnded(stream, route, outcome)
      }
    }
    calls[stream] = call
    if let deadline { startTimer(call, stream, deadline) }
  }

  /// What a handler came to: its reply, nil where its messages were a stream.
  private typealias Outcome = Result<(any ProtoMessage)?, any Error>

  private static func outcome(_ body: () async throws -> (any ProtoMessage)?) async -> Outcome {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  private func startTimer(_ call: ServerCall, _ stream: StreamID, _ deadline: MonotonicTime) {
    let timer = LoopTimer(deadline: deadline) { [weak self] in
      guard let self, state.answer(stream) else { return }
      abort(stream, .deadlineExceeded)
    }
    call.timer = timer
    loop.confined.timers.insert(timer)
  }

  // MARK: Answers

  private func handlerEnded(
    _ stream: StreamID, _ route: Route, _ outcome: Outcome
  ) {
    let call = calls.removeValue(forKey: stream)
    if let timer = call?.timer.take() { loop.confined.timers.remove(timer) }
    if state.handlerEnded(stream) {
      switch outcome {
      case .success(let reply?): sendReply(stream, reply)
      case .success(nil): sendEnd(stream)
      case .failure(let error): sendError(stream, rpcError(error, route))
      }
    }
    endIfDrained()
  }

  private func rpcError(_ error: any Error, _ route: Route) -> RPCError {
    switch error {
    case let error as RPCError:
      return error
    case is CancellationError:
      return RPCError(.cancelled, reason: "HandlerCancelled", message: "the method was cancelled")
    default:
      hooks.handlerFailed(Server.HandlerFailure(method: route.name, error: error))
      return .handlerFailed
    }
  }

  /// Answers with an error in place of the handler, which is told to stop.
  private func abort(_ stream: StreamID, _ error: RPCError) {
    sendError(stream, error)
    calls[stream]?.task?.cancel()
    resumeBlocked { $0.stream == stream ? .failure(error) : nil }
  }

  private func sendReply(_ stream: StreamID, _ reply: any ProtoMessage) {
    let fits = channel.send(stream: stream, type: .response) { bytes in
      ResponseEnvelope.append(reply, to: &bytes)
    }
    if !fits { sendError(stream, .replyTooLarge(limits.frameBytes)) }
  }

  private func sendEnd(_ stream: StreamID) {
    let fits = channel.send(stream: stream, type: .data, flags: [.remoteClosed, .noData]) { _ in }
    precondition(fits, "a frame without data always fits")
  }

  private func sendError(_ stream: StreamID, _ error: RPCError) {
    // A handler may give more text than a frame takes: then its code alone goes.
    if sendStatus(stream, error.status) { return }
    let fits = sendStatus(stream, RPCStatus.Status(code: error.code.rawValue))
    precondition(fits, "a status code always fits a frame")
  }

  private func sendStatus(_ stream: StreamID, _ status: RPCStatus.Status) -> Bool {
    let response = TTRPCProto.Response(status: status)
    return channel.send(stream: stream, type: .response) { bytes in
      response.serialize(into: &bytes)
    }
  }

  // MARK: Streaming answers

  /// Queues a stream's message if there is room; nil where it must wait.
  func sendNow(_ stream: StreamID, _ message: [UInt8]) -> Result<Void, RPCError>? {
    if let lossError { return .failure(lossError) }
    if !state.isOpen(stream) { return .failure(.deadlineExceeded) }
    if channel.isFull { return nil }
    let fits = channel.send(stream: stream, type: .data) { bytes in bytes += message }
    return fits ? .success(()) : .failure(.replyTooLarge(limits.frameBytes))
  }

  func send(
    _ stream: StreamID, _ message: [UInt8],
    _ continuation: CheckedContinuation<Result<Void, RPCError>, Never>
  ) {
    if let outcome = sendNow(stream, message) { return continuation.resume(returning: outcome) }
    blocked.append(
      BlockedMessage(stream: stream, message: message, continuation: continuation))
  }

  func outboundDrained() {
    resumeBlocked { [self] in sendNow($0.stream, $0.message) }
  }

  /// Resumes those for which `outcome` has one, in order; the others go on waiting.
  private func resumeBlocked(_ outcome: (BlockedMessage) -> Result<Void, RPCError>?) {
    if blocked.isEmpty { return }
    let waiting = blocked
    blocked = []
    for message in waiting {
      if let outcome = outcome(message) {
        message.continuation.resume(returning: outcome)
      } else {
        blocked.append(message)
      }
    }
  }

  // MARK: The end

  /// Takes no new calls and closes once those in flight are answered.
  func drain() {
    state.drain()
    endIfDrained()
  }

  private func endIfDrained() {
    guard state.isDrained, lossError == nil else { return }
    // What was queued in this turn leaves at its end.
    channel.closeOnceWritten()
  }

  /// Cancels what is in flight and closes.
  func close() {
    if lossError != nil { return }
    channel.close()
    lost(.connectionLost("the server closed the connection"))
  }

  func lost(_ error: RPCError) {
    lossError = error
    for call in calls.values {
      call.task?.cancel()
      if let timer = call.timer.take() { loop.confined.timers.remove(timer) }
    }
    resumeBlocked { _ in .failure(error) }
    hooks.ended(self)
  }
}

extension UnsafeRawBufferPointer {
  /// For messages about what came: whatever is no UTF-8 is shown as such.
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
