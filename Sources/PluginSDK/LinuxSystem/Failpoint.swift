internal import Glibc

/// A named place at which a crash test has this process killed, once.
///
/// The process that reaches the armed place sends itself SIGKILL. A marker file, made before the
/// signal, lets the process that is started next with the same environment pass.
public struct Failpoint: Sendable {
  /// Names the armed place; unset outside of crash tests.
  public static let variable = "MORTISE_FAILPOINT"

  private let armed: String?
  private let directory: String

  /// - Parameter armed: the value of `variable`; nil = no place is armed.
  /// - Parameter directory: where the marker file goes; kept over the crash.
  public init(armed: String?, directory: String) {
    self.armed = armed
    self.directory = directory
  }

  /// Costs a nil check where nothing is armed.
  public func reach(_ place: @autoclosure () -> String) {
    guard let armed, armed == place() else { return }
    let marker = open(
      "\(directory)/failpoint-\(armed)", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard marker >= 0 else { return }
    close(marker)
    kill(getpid(), SIGKILL)
  }
}
