internal import Glibc
internal import LinuxSystem
internal import TTRPC

/// Why a host could not start or take a configuration over; the message says what to do.
public struct HostError: Error, CustomStringConvertible {
  public var description: String

  /// - Parameter description: what is wrong, where, and what to do.
  public init(_ description: String) {
    self.description = description
  }
}

/// The daemon: called by `mortise serve`.
public enum Host {
  /// Runs a host on the calling thread until SIGTERM or SIGINT, then stops it gracefully; a second
  /// one ends it on the spot.
  ///
  /// - Parameter reread: reads the settings anew, on SIGHUP. What can't change while the host runs
  ///   is named in its log; where it throws, the host goes on as it was.
  /// - Throws: `HostError` where it can't start: the state is held by another host, a directory
  ///   can't be used, the socket can't be made.
  public static func serve(
    _ settings: HostSettings,
    reread: @escaping @Sendable () throws(HostError) -> HostSettings
  ) throws(HostError) {
    let loop: EventLoop
    let signals: SignalFD
    let engine: Engine
    do {
      signals = try SignalFD([SIGTERM, SIGINT, SIGHUP])
      SignalFD.ignore(SIGPIPE)
      loop = try EventLoop(name: "mortise")
      engine = try Engine(settings, loop: loop)
    } catch {
      throw HostError("\(error)")
    }
    let outcome = Outcome()
    loop.spawn {
      do {
        try await engine.start()
        while await nextSignal(signals, loop) == SIGHUP { await engine.reload(reread) }
      } catch {
        outcome.fail(HostError("\(error)"))
      }
      loop.spawn {
        while await nextSignal(signals, loop) == SIGHUP {}
        _exit(128 + SIGTERM)
      }
      await engine.stop()
      loop.stop()
    }
    loop.run()
    if let error = outcome.error { throw error }
  }

  private static func nextSignal(_ signals: SignalFD, _ loop: EventLoop) async -> Int32 {
    do {
      while true {
        if let signal = try signals.next() { return signal }
        try await loop.waitReadable(signals.descriptor.number)
      }
    } catch {
      preconditionFailure("a signal descriptor of this process can be read: \(error)")
    }
  }
}
