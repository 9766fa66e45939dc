internal import Glibc

/// How much a terminal shows.
struct TerminalSize: Sendable, Equatable {
  var columns: Int
  var rows: Int

  /// The terminal behind a descriptor; nil where there is none.
  static func ofTerminal(_ number: Int32) -> TerminalSize? {
    guard isatty(number) == 1 else { return nil }
    var size = winsize()
    let known = ioctl(number, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 0
    return known ? TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row)) : .usual
  }

  /// Of a terminal that doesn't tell.
  static let usual = TerminalSize(columns: 80, rows: 24)
}
