internal import LinuxSystem
internal import PluginProto

/// The client's side of a connection: the shell around `ClientConnectionState`.
///
/// - Isolation: the loop's thread.
final class ClientConnection: FrameChannelOwner {
  private let loop: EventLoop
  private let limits: Limits
  private var state: ClientConnectionState<ClientCall>
  // Made right after init, because it needs its owner.
  private var channel: FrameChannel!
  private var closeWaiters: [LoopWait] = []
  private var isLost = false

  init(_ descriptor: Descriptor, on loop: EventLoop, limits: Limits) {
    self.loop = loop
    self.limits = limits
    state = ClientConnectionState(limits: limits)
    channel = FrameChannel(
      descriptor, on: loop, limits: limits, pausesReadsWhenFull: false, owner: self)
  }

  func open() { channel.open() }

  var callsInFlight: Int { state.callsInFlight }

  /// Sends a call's request, of which `append` makes the envelope.
  func start(
    _ call: ClientCall, deadline: MonotonicTime?, _ append: (inout [UInt8]) -> Void
  ) {
    if call.isCancelled { return call.fail(.callCancelled.with(.notSent)) }
    if channel.isFull { return call.fail(.outboundQueueFull(limits.outboundBytes)) }
    let stream: StreamID
    do throws(RPCError) {
      stream = try state.start(call, isStreaming: call.isStreaming)
    } catch {
      return call.fail(error)
    }
    call.stream = stream
    call.queuedAt = channel.queuedTotal
    let fits = channel.send(
      stream: stream, type: .request, flags: call.isStreaming ? .remoteClosed : [], append)
    if !fits {
      _ = state.abandon(stream)
      return call.fail(.requestTooLarge(limits.frameBytes))
    }
    if let deadline { startTimer(call, stream, deadline) }
  }

  private func startTimer(_ call: ClientCall, _ stream: StreamID, _ deadline: MonotonicTime) {
    let timer = LoopTimer(deadline: deadline) { [weak self] in
      self?.abandon(stream, .deadlineExceeded)
    }
    call.timer = timer
    loop.confined.timers.insert(timer)
  }

  /// The caller stopped waiting.
  func cancel(_ call: ClientCall) {
    guard let stream = call.stream else {
      call.isCancelled = true
      return
    }
    abandon(stream, .callCancelled)
  }

  private func abandon(_ stream: StreamID, _ error: RPCError) {
    if let call = state.abandon(stream) { fail(call, error) }
  }

  func received(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) {
    perform(state.received(header), payload)
  }

  private func perform(
    _ action: ClientConnectionState<ClientCall>.Action, _ payload: UnsafeRawBufferPointer
  ) {
    switch action {
    case .finish(let call):
      finish(call, payload)
    case .deliver(let call, let hasMessage, let isLast):
      deliver(call, hasMessage ? payload : nil, isLast: isLast)
    case .fail(let call, let error):
      fail(call, error)
    case .ignore:
      break
    case .close(let error):
      channel.close()
      lost(error)
    }
  }

  func receivedOversized(_ header: FrameHeader) {
    // Its data was thrown away, so no action on it has a payload.
    perform(state.receivedOversized(header), UnsafeRawBufferPointer(start: nil, count: 0))
  }

  func outboundDrained() {}

  func lost(_ error: RPCError) {
    isLost = true
    for call in state.lose(error) {
      let wasWritten = channel.writtenTotal > call.queuedAt
      fail(call, error.with(wasWritten ? .mayHaveBeenReceived : .notSent))
    }
    for waiter in closeWaiters { waiter.finish(.success(())) }
    closeWaiters = []
  }

  func close() {
    if isLost { return }
    channel.close()
    lost(.connectionLost("this side closed the connection"))
  }

  func addCloseWaiter(_ wait: LoopWait) {
    if isLost { wait.finish(.success(())) } else { closeWaiters.append(wait) }
  }

  private func finish(_ call: ClientCall, _ envelope: UnsafeRawBufferPointer) {
    stopTimer(call)
    if let payload = ResponseEnvelope.payload(ofPlain: envelope) { return call.finish(payload) }
    do throws(ProtoDecodingError) {
      let response = try TTRPCProto.Response(serialized: envelope)
      if let error = RPCError(response.status) {
        call.fail(error)
      } else {
        response.payload.withUnsafeBytes { call.finish($0) }
      }
    } catch {
      call.fail(.malformedReply(error.description))
    }
  }

  private func deliver(_ call: ClientCall, _ message: UnsafeRawBufferPointer?, isLast: Bool) {
    do throws(RPCError) {
      if let message { try call.deliver(message) }
      if isLast {
        stopTimer(call)
        call.end()
      }
    } catch {
      if let stream = call.stream { _ = state.abandon(stream) }
      fail(call, error)
    }
  }

  private func fail(_ call: ClientCall, _ error: RPCError) {
    stopTimer(call)
    call.fail(error)
  }

  private func stopTimer(_ call: ClientCall) {
    if let timer = call.timer.take() { loop.confined.timers.remove(timer) }
  }
}
