internal import Glibc

/// A named place at which a crash test has this process killed, once, or held until it is killed.
///
/// Armed with a place's name, the process that reaches it sends itself SIGKILL; a marker file, made
/// before the signal, lets the process that is started next with the same environment pass. Armed
/// with `hold:` and the last words of places (`hold:logged,recorded`), the process stops itself by
/// SIGSTOP each time that it reaches one, so that a test kills it and others while nothing moves.
public struct Failpoint: Sendable {
  /// Names the armed place; unset outside of crash tests.
  public static let variable = "MORTISE_FAILPOINT"

  private enum Arming: Sendable {
    case dieOnce(at: String)
    case hold(atEndings: [String])
  }

  private let arming: Arming?
  private let directory: String

  /// - Parameter armed: the value of `variable`; nil = no place is armed.
  /// - Parameter directory: where the marker file goes; kept over the crash.
  public init(armed: String?, directory: String) {
    self.directory = directory
    let prefix = "hold:"
    arming = armed.map { armed in
      armed.hasPrefix(prefix)
        ? .hold(atEndings: armed.dropFirst(prefix.count).split(separator: ",").map { ".\($0)" })
        : .dieOnce(at: armed)
    }
  }

  /// Costs a nil check where nothing is armed.
  public func reach(_ place: @autoclosure () -> String) {
    switch arming {
    case nil: return
    case .dieOnce(let armed): if armed == place() { dieOnce(at: armed) }
    case .hold(let endings):
      let place = place()
      if endings.contains(where: place.hasSuffix) { kill(getpid(), SIGSTOP) }
    }
  }

  private func dieOnce(at place: String) {
    let marker = open(
      "\(directory)/failpoint-\(place)", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard marker >= 0 else { return }
    close(marker)
    kill(getpid(), SIGKILL)
  }
}
