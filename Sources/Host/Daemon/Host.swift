public import Diagnostics
internal import Glibc
internal import LinuxSystem
internal import Model
internal import PluginSupervision
internal import Storage
internal import TTRPC

/// Where a host keeps its things and how it talks.
public struct HostSettings: Sendable {
  /// Store, plugin sockets, journals and logs; one host at a time holds it.
  public var stateDirectory: String
  /// A folder for each plugin, with its plugin.yaml.
  public var pluginDirectory: String
  /// Where the host's own API listens.
  public var socketPath: String
  public var logLevel: LogLevel
  /// Nil = text on a terminal, JSON lines elsewhere.
  public var logFormat: LogFormat?

  public init(
    stateDirectory: String, pluginDirectory: String, socketPath: String,
    logLevel: LogLevel = .info, logFormat: LogFormat? = nil
  ) {
    self.stateDirectory = stateDirectory
    self.pluginDirectory = pluginDirectory
    self.socketPath = socketPath
    self.logLevel = logLevel
    self.logFormat = logFormat
  }
}

/// Why a host could not start; the message says what to do.
public struct HostError: Error, CustomStringConvertible {
  public var description: String
}

/// The daemon: called by `mortise serve`.
public enum Host {
  /// Time for plugins to end after SIGTERM before they are killed.
  public static let shutdownGrace = Duration.seconds(10)

  /// Runs a host on the calling thread until SIGTERM or SIGINT, then stops it gracefully.
  ///
  /// - Throws: `HostError` where it can't start: the state is held by another host, a directory
  ///   can't be used, the socket can't be made.
  public static func serve(_ settings: HostSettings) throws(HostError) {
    let loop: EventLoop
    let signals: SignalFD
    let engine: Engine
    do {
      signals = try SignalFD([SIGTERM, SIGINT])
      SignalFD.ignore(SIGPIPE)
      loop = try EventLoop(name: "mortise")
      engine = try Engine(settings, loop: loop)
    } catch {
      throw HostError(description: "\(error)")
    }
    let outcome = Outcome()
    loop.spawn {
      do {
        try await engine.start()
        await untilSignal(signals, loop)
      } catch {
        outcome.fail(HostError(description: "\(error)"))
      }
      await engine.stop(grace: shutdownGrace)
      loop.stop()
    }
    loop.run()
    if let error = outcome.error { throw error }
  }

  private static func untilSignal(_ signals: SignalFD, _ loop: EventLoop) async {
    while true {
      if let signal = try? signals.next(), signal == SIGTERM || signal == SIGINT { return }
      do {
        try await loop.waitReadable(signals.descriptor.number)
      } catch {
        return
      }
    }
  }
}
