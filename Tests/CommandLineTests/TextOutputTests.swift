import Model
import Testing

@testable import MortiseCLI

@Suite("text fits where it is shown")
struct TextOutputTests {
  @Test(
    "a text is cut to columns, wide characters counting two",
    arguments: [
      ("redis", 10, "redis"), ("redis", 5, "redis"), ("redis", 4, "red…"), ("redis", 1, "…"),
      ("redis", 0, ""), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
      ("e\u{301}te\u{301}", 3, "e\u{301}te\u{301}"),
    ])
  func cut(text: String, columns: Int, cut: String) {
    #expect(DisplayText.cut(text, to: columns) == cut)
    #expect(DisplayText.width(cut) <= max(columns, 0))
  }

  @Test("words are wrapped between them, one that is too long alone")
  func wrapped() {
    #expect(
      DisplayText.wrapped("one two  three\nfour extraordinary", to: 9)
        == ["one two", "three", "four", "extraordinary"])
    #expect(DisplayText.wrapped("  ", to: 9).isEmpty)
  }

  @Test("a message can't steer the terminal")
  func harmless() {
    #expect(DisplayText.harmless("a\u{1B}[2Jb\r\nc\u{9B}d\u{202E}e") == "a [2Jb  c d e")
  }

  @Test("a table's columns line up, without blanks at the ends of lines")
  func table() {
    var table = TextTable(["NAME", "PHASE", "AGE"])
    table.append(["redis", "Running", "5s"])
    table.append(["cache-of-sessions", "-", ""])
    #expect(
      table.lines() == [
        "NAME               PHASE    AGE", "redis              Running  5s", "cache-of-sessions  -",
      ])
  }

  @Test("a table that is too wide loses of its widest column, never more than the terminal has")
  func narrowTable() {
    var table = TextTable(["NAME", "MESSAGE"])
    table.append(["redis", "a long message that goes on and on"])
    #expect(table.lines(fitting: 20) == ["NAME   MESSAGE", "redis  a long messa…"])
    for columns in 1...60 {
      for line in table.lines(fitting: columns, indentation: "  ") {
        #expect(DisplayText.width(line) <= columns)
      }
    }
  }

  @Test("a line is cut before it is coloured")
  func styled() {
    var line = StyledLine("redis", .bold)
    line.append("  Failed", .red)
    let terminal = TerminalSize(columns: 10, rows: 24)
    func rendered(_ terminal: TerminalSize?, colour: Bool) -> String {
      line.rendered(Appearance(terminal: terminal, hasColour: colour, hasSymbols: false))
    }
    #expect(rendered(nil, colour: false) == "redis  Failed")
    #expect(rendered(terminal, colour: false) == "redis  Fa…")
    #expect(rendered(terminal, colour: true) == "\u{1B}[1mredis\u{1B}[0m\u{1B}[31m  Fa…\u{1B}[0m")
  }

  @Test(
    "colours are for terminals, and for those who want them",
    arguments: [
      (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false),
      (true, ["NO_COLOR": ""], true), (true, ["TERM": "dumb"], false),
    ])
  func colour(isTerminal: Bool, environment: [String: String], hasColour: Bool) {
    let sink = MemorySink(terminal: isTerminal ? .usual : nil)
    #expect(Appearance(of: sink, environment: environment).hasColour == hasColour)
  }

  @Test("COLUMNS overrides the terminal's width but makes none of a pipe")
  func columns() {
    let environment = ["COLUMNS": "40"]
    let terminal = Appearance(of: MemorySink(terminal: .usual), environment: environment)
    #expect(terminal.terminal == TerminalSize(columns: 40, rows: 24))
    #expect(Appearance(of: MemorySink(), environment: environment).terminal == nil)
  }

  @Test(
    "spans of time are short",
    arguments: [
      (-5, "0.0s"), (0, "0.0s"), (450, "0.4s"), (9_999, "9.9s"), (10_000, "10s"), (65_000, "1m05s"),
      (3_600_000, "1h00m"), (7_620_000, "2h07m"), (273_600_000, "3d4h"),
    ] as [(Int64, String)])
  func elapsed(milliseconds: Int64, text: String) {
    #expect(ElapsedText.describe(Milliseconds(milliseconds)) == text)
  }

  @Test("a long complaint is broken between words on a terminal, and nowhere else")
  func complaints() {
    let text = "mortise: one two three four five\n  indented lines stay as they are"
    let terminal = MemorySink(terminal: TerminalSize(columns: 20, rows: 5))
    Console(output: terminal, errors: terminal).complain(text)
    #expect(
      terminal.lines == [
        "mortise: one two", "three four five", "  indented lines stay as they are",
      ])
    let pipe = MemorySink()
    Console(output: pipe, errors: pipe).complain(text)
    #expect(pipe.text == text + "\n")
  }
}
