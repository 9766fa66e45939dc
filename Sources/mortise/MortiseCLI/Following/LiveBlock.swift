/// Redraws a block of lines in place: what to send to a terminal for it.
///
/// - Invariant: the cursor is at the start of the line below the block (guarded by
///   `ProgressTests`).
struct LiveBlock: Sendable {
  private(set) var drawnRows = 0

  /// The text that replaces what was drawn before.
  ///
  /// Where there are more lines than the terminal has rows, the first ones are left out: what has
  /// scrolled away can't be drawn again.
  mutating func redraw(_ lines: [StyledLine], _ appearance: Appearance) -> String {
    let rows = max(1, (appearance.terminal?.rows ?? TerminalSize.usual.rows) - 1)
    let shown = lines.suffix(rows).map { $0.rendered(appearance) }
    let text = clear() + shown.map { $0 + "\n" }.joined()
    drawnRows = shown.count
    return text
  }

  /// The text that takes the block away, so that others lines can be written in its place.
  mutating func clear() -> String {
    defer { drawnRows = 0 }
    return drawnRows == 0 ? "" : "\u{1B}[\(drawnRows)A\r\u{1B}[J"
  }
}
