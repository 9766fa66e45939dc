internal import LinuxSystem

/// What a connection does with the frames of its channel.
///
/// - Isolation: the loop's thread.
protocol FrameChannelOwner: AnyObject {
  /// The payload is valid during the call alone.
  func received(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer)
  func receivedOversized(_ header: FrameHeader)
  /// There is room again for what was held back.
  func outboundDrained()
  /// Called once; the channel is closed.
  func lost(_ error: RPCError)
}

/// A socket that carries frames: reads and decodes what came, collects what a turn produced and
/// writes it at the turn's end.
///
/// - Isolation: the loop's thread.
final class FrameChannel: ReadinessHandler, TurnEnding {
  private let descriptor: Descriptor
  private let loop: EventLoop
  private let limits: Limits
  private var decoder: FrameDecoder
  private var outbound = OutboundBuffer()
  private var token: UInt64 = 0
  private var interest: Epoll.Readiness = .readable
  private var isEndTurnAsked = false
  /// The socket took less than it was given.
  private var isWriteBlocked = false
  /// Whether more than `Limits.outboundBytes` wait: then requests aren't read.
  private(set) var isFull = false
  private(set) var isClosed = false
  private var isClosingOnceWritten = false
  private let pausesReadsWhenFull: Bool
  // The loop holds an open channel and the channel its owner: a connection lives until it is
  // closed, whoever else drops it.
  private var owner: (any FrameChannelOwner)?

  init(
    _ descriptor: Descriptor, on loop: EventLoop, limits: Limits, pausesReadsWhenFull: Bool,
    owner: any FrameChannelOwner
  ) {
    self.descriptor = descriptor
    self.loop = loop
    self.limits = limits
    self.pausesReadsWhenFull = pausesReadsWhenFull
    self.owner = owner
    decoder = FrameDecoder(limits: limits)
  }

  /// Begins to read. On failure the owner hears `lost`.
  func open() {
    do throws(SystemError) {
      try descriptor.setNonblocking()
      token = try loop.confined.register(descriptor.number, interest, self)
    } catch {
      lose(.connectionLost(error.description))
    }
  }

  /// Bytes that were ever queued, and ever written.
  var queuedTotal: UInt64 { outbound.appendedTotal }
  var writtenTotal: UInt64 { outbound.writtenTotal }
  var hasUnwritten: Bool { !outbound.isEmpty }

  /// Queues a frame to leave at the end of this turn.
  ///
  /// - Returns: false where the data is longer than a frame may be; then nothing is sent.
  func send(
    stream: StreamID, type: FrameType, flags: FrameFlags = [], _ body: (inout [UInt8]) -> Void
  ) -> Bool {
    if isClosed { return true }
    let fits = outbound.append(
      stream: stream, type: type, flags: flags, limit: limits.frameBytes, body)
    if outbound.count > limits.outboundBytes { isFull = true }
    if fits, !isEndTurnAsked {
      isEndTurnAsked = true
      loop.confined.atEndOfTurn(self)
    }
    return fits
  }

  func endTurn() {
    isEndTurnAsked = false
    if !isWriteBlocked { flush() }
  }

  func ready(_ readiness: Epoll.Readiness) {
    if readiness.contains(.writable) {
      isWriteBlocked = false
      flush()
    }
    if isClosed { return }
    if isReadingPaused {
      if readiness.contains(.hangUp) { lose(.connectionLost("the peer closed the connection")) }
    } else if !readiness.isDisjoint(with: [.readable, .hangUp, .error]) {
      readFrames()
    }
  }

  /// Closes at once; the owner doesn't hear of it.
  func close() {
    if isClosed { return }
    isClosed = true
    owner = nil
    loop.confined.unregister(token)
    descriptor.close()
  }

  /// Closes when everything that was queued is written; then the owner hears `lost`.
  func closeOnceWritten() {
    isClosingOnceWritten = true
    if !isEndTurnAsked, !isClosed {
      isEndTurnAsked = true
      loop.confined.atEndOfTurn(self)
    }
  }

  private func lose(_ error: RPCError) {
    if isClosed { return }
    let owner = owner
    close()
    owner?.lost(error)
  }

  private var isReadingPaused: Bool { isFull && pausesReadsWhenFull }

  private func readFrames() {
    var budget = limits.readBytesPerTurn
    while !isClosed, !isReadingPaused, budget > 0 {
      let space = decoder.space()
      let count: Int?
      do throws(SystemError) {
        count = try descriptor.readAvailable(into: space)
      } catch {
        return lose(.connectionLost(error.description))
      }
      guard let count else { return }
      if count == 0 { return lose(.connectionLost("the peer closed the connection")) }
      decoder.received(count)
      takeFrames()
      if count < space.count { return }
      budget -= count
    }
  }

  private func takeFrames() {
    while !isClosed, !isReadingPaused {
      do throws(FrameDecoder.Violation) {
        switch try decoder.next() {
        case .frame(let header, let payload): owner?.received(header, payload)
        case .oversized(let header): owner?.receivedOversized(header)
        case nil: return
        }
      } catch {
        return lose(
          .protocolViolation(
            "a frame header announced \(error.header.length) bytes; the connection is closed"))
      }
    }
  }

  private func flush() {
    while !isClosed, !outbound.isEmpty {
      do throws(SystemError) {
        let sent = try outbound.withPending { [descriptor] pending in
          Result { () throws(SystemError) in try descriptor.sendAvailable(pending) }
        }.get()
        guard let sent else {
          isWriteBlocked = true
          break
        }
        outbound.written(sent)
      } catch {
        return lose(.connectionLost(error.description))
      }
    }
    if isClosingOnceWritten, outbound.isEmpty {
      return lose(.connectionLost("this side closed the connection"))
    }
    if isFull, outbound.count <= limits.outboundBytes / 2 {
      isFull = false
      owner?.outboundDrained()
      takeFrames()
    }
    watchForWhatMatters()
  }

  private func watchForWhatMatters() {
    if isClosed { return }
    var wanted: Epoll.Readiness = isReadingPaused ? [] : .readable
    if isWriteBlocked { wanted.insert(.writable) }
    if wanted == interest { return }
    do throws(SystemError) {
      try loop.confined.modify(token, wanted)
      interest = wanted
    } catch {
      lose(.connectionLost(error.description))
    }
  }
}
