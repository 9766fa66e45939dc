internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// What happens to the selected objects, from their present state on, through lost connections.
struct ObjectFeed: Sendable {
  enum Event: Sendable {
    /// All there is now; what was there before and isn't in it is gone.
    case present([HostObject])
    case changed(HostObject)
    case deleted(HostObject)
    /// The connection broke; the feed goes on with `present` once the host is back.
    case lost
  }

  var link: HostLink
  var selection: ObjectSelection

  /// How long a host that was there may be away before it is given up.
  static let patience = Duration.seconds(30)
  static let firstRetryDelay = Duration.milliseconds(50)
  static let retryDelayMax = Duration.seconds(1)

  /// Hands each event to `take` until that answers true.
  ///
  /// - Cancellation: ends it with exit code 130.
  /// - Throws: exit code 3 where no host answers at first, or for longer than `patience`.
  func run(
    _ take: (Event) throws(CommandFailure) -> Bool
  ) async throws(CommandFailure) {
    var lostAt: MonotonicTime?
    var delay = Self.firstRetryDelay
    while true {
      var wasConnected = false
      do throws(CommandFailure) {
        let session = try await link.connect()
        defer { session.client.close() }
        let list = try await session.list(selection)
        wasConnected = true
        lostAt = nil
        delay = Self.firstRetryDelay
        if try take(.present(list.objects)) { return }
        switch try await follow(session, from: list.version, take) {
        case .enough: return
        case .outdated: continue
        case .lost: break
        }
      } catch {
        guard error.code == .unreachable, wasConnected || lostAt != nil else { throw error }
      }
      if lostAt == nil, try take(.lost) { return }
      let since = lostAt ?? .now()
      lostAt = since
      guard MonotonicTime.now().duration(since: since) < Self.patience else {
        throw CommandFailure(
          .unreachable, "mortise: the host at \(link.socketPath) went away and did not come back")
      }
      do {
        try await link.loop.sleep(for: delay)
      } catch {
        throw CommandFailure(.interrupted, "mortise: interrupted")
      }
      delay = min(delay * 2, Self.retryDelayMax)
    }
  }

  private enum Ending {
    case enough
    /// The host no longer has the versions in between, or this reader fell behind.
    case outdated
    case lost
  }

  private func follow(
    _ session: HostSession, from version: UInt64,
    _ take: (Event) throws(CommandFailure) -> Bool
  ) async throws(CommandFailure) -> Ending {
    let stream = try await session.watch(selection, from: version)
    var events = stream.makeAsyncIterator()
    while true {
      let event: HostV1.WatchEvent?
      do throws(RPCError) {
        event = try await events.next()
      } catch {
        if error.code == .outOfRange || error.reason == "StreamBufferFull" { return .outdated }
        throw session.failure(error, about: nil)
      }
      guard let event else { return .lost }
      let object = try HostObject(event.object)
      if try take(event.type == .deleted ? .deleted(object) : .changed(object)) { return .enough }
    }
  }
}
