/// A line of text whose parts have colours; cut first, coloured then.
struct StyledLine: Sendable, Equatable {
  enum Colour: Int, Sendable {
    case red = 31
    case green = 32
    case yellow = 33
    case cyan = 36
    case bold = 1
    case dim = 2
  }

  struct Part: Sendable, Equatable {
    var text: String
    var colour: Colour?
  }

  var parts: [Part] = []

  init(_ text: String = "", _ colour: Colour? = nil) {
    append(text, colour)
  }

  /// Control characters, with which a message could steer the terminal, become spaces.
  mutating func append(_ text: String, _ colour: Colour? = nil) {
    if !text.isEmpty { parts.append(Part(text: DisplayText.harmless(text), colour: colour)) }
  }

  /// The text without its colours.
  var plain: String { parts.map(\.text).joined() }

  /// For the appearance: at most as wide as its terminal, coloured where it has colours.
  func rendered(_ appearance: Appearance) -> String {
    let line = appearance.terminal.map { cut(to: $0.columns) } ?? self
    return line.parts.map { part in
      guard appearance.hasColour, let colour = part.colour else { return part.text }
      return "\u{1B}[\(colour.rawValue)m\(part.text)\u{1B}[0m"
    }.joined()
  }

  private func cut(to columns: Int) -> StyledLine {
    var line = StyledLine()
    var left = columns
    for part in parts {
      let width = DisplayText.width(part.text)
      if width <= left {
        line.parts.append(part)
        left -= width
        continue
      }
      line.parts.append(Part(text: DisplayText.cut(part.text, to: left), colour: part.colour))
      return line
    }
    return line
  }
}
