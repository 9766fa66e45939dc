/// How output looks where it goes: decided once from the terminal and the environment.
struct Appearance: Sendable, Equatable {
  /// Nil = no terminal: whole lines, nothing redrawn, nothing cut.
  var terminal: TerminalSize?
  var hasColour: Bool
  /// Whether symbols beyond ASCII can be shown.
  var hasSymbols: Bool

  static let plain = Appearance(terminal: nil, hasColour: false, hasSymbols: false)

  init(terminal: TerminalSize?, hasColour: Bool, hasSymbols: Bool) {
    self.terminal = terminal
    self.hasColour = hasColour
    self.hasSymbols = hasSymbols
  }

  /// `NO_COLOR` (set to anything) takes the colours, `TERM=dumb` all but lines; `COLUMNS` overrides
  /// the terminal's own width.
  init(of sink: any TextSink, environment: [String: String]) {
    let isDumb = environment["TERM"] == "dumb"
    terminal = isDumb ? nil : sink.terminal
    if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 {
      terminal?.columns = columns
    }
    hasColour = terminal != nil && (environment["NO_COLOR"] ?? "").isEmpty
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { name in
      environment[name].flatMap { $0.isEmpty ? nil : $0.lowercased() }
    }.first
    hasSymbols = locale.map { $0.hasSuffix("utf-8") || $0.hasSuffix("utf8") } ?? false
  }
}
