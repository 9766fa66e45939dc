import Glibc
import JSON
import LinuxSystem

/// The sidecar's agent as a process: an HTTP server in front of one worker.
public enum Agent {
  /// Serves until SIGTERM or SIGINT. Being killed instead loses nothing: what was accepted is on
  /// disk and resumes.
  ///
  /// - Throws: `AgentError` that says what to change before starting it again.
  public static func run(environment: (String) -> String?) throws(AgentError) {
    let settings = try AgentSettings(environment: environment)
    let signals: SignalFD
    let directory: StateDirectory
    do throws(SystemError) {
      signals = try SignalFD([SIGTERM, SIGINT])
      directory = try StateDirectory(path: settings.stateDirectory)
    } catch { throw .system(error) }
    let board = try TaskBoard(directory: directory)
    let readiness = try Readiness(path: directory.readiness)
    let effects = TaskEffects(settings: settings, directory: directory, readiness: readiness)
    let worker = AgentWorker(
      board: board, effects: effects, log: try EffectsLog(path: directory.effectsLog),
      failpoint: Failpoint(armed: settings.failpoint, directory: directory.path))

    let socket = try ListeningSocket(address: settings.address, port: settings.port)
    let address = "\(settings.address):\(socket.port)"
    let api = AgentAPI(settings: settings, board: board, readiness: readiness)
    try HTTPServer.start(listener: socket.descriptor, address: address) { api.answer($0) }
    print(#"{"event":"listening","address":"\#(address)"}"#)
    fflush(nil)
    do throws(SystemError) { try worker.run(until: signals) } catch { throw .system(error) }
  }
}
