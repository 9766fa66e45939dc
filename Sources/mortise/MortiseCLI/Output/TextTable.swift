/// A table in columns, two spaces between them.
struct TextTable: Sendable, Equatable {
  var titles: [String]
  /// Columns at the start that say which object a row is about: they are cut last.
  var keyColumns = 1
  private(set) var rows: [[String]] = []

  /// No column is made narrower than this to fit a terminal, except where it is by itself.
  static let columnMin = 8

  init(_ titles: [String]) {
    self.titles = titles
  }

  mutating func append(_ row: [String]) {
    precondition(row.count == titles.count, "a row has a cell for each title")
    rows.append(row.map(DisplayText.harmless))
  }

  /// The title line and the rows; no wider than `columns`, where given: the widest column loses
  /// first, and what is lost ends in "…".
  func lines(fitting columns: Int? = nil, indentation: String = "") -> [String] {
    let layout = layout(fitting: columns, indentation: indentation)
    return ([titles] + rows).map { layout.line($0, isCut: columns != nil) }
  }

  /// The widths that its titles and rows need, to add rows later.
  func layout(fitting columns: Int? = nil, indentation: String = "") -> Layout {
    Layout(
      widths: widths(fitting: columns.map { $0 - indentation.count }), columns: columns,
      indentation: indentation)
  }

  /// How the cells of a row stand in a line.
  struct Layout: Sendable, Equatable {
    var widths: [Int]
    /// Nil = as wide as it gets.
    var columns: Int?
    var indentation = ""

    /// - Parameter isCut: whether each cell keeps to its column; else a wide one moves the others.
    func line(_ row: [String], isCut: Bool) -> String {
      var line = indentation
      for (index, cell) in row.enumerated() {
        let shown = isCut ? DisplayText.cut(cell, to: widths[index]) : cell
        let isLast = index == row.count - 1
        line += isLast ? shown : DisplayText.padded(shown, to: widths[index]) + "  "
      }
      while line.last == " " { line.removeLast() }
      return columns.map { DisplayText.cut(line, to: $0) } ?? line
    }
  }

  private func widths(fitting columns: Int?) -> [Int] {
    var widths = titles.indices.map { index in
      ([titles] + rows).map { DisplayText.width($0[index]) }.max() ?? 0
    }
    guard let columns else { return widths }
    let gaps = 2 * (widths.count - 1)
    while widths.reduce(gaps, +) > columns {
      guard
        let index = widest(widths.indices.dropFirst(keyColumns), widths)
          ?? widest(widths.indices, widths)
      else { break }
      widths[index] -= 1
    }
    return widths
  }

  /// The widest of the columns that can lose some; the last one of several.
  private func widest(_ candidates: Range<Int>, _ widths: [Int]) -> Int? {
    candidates.filter { widths[$0] > Self.columnMin }.max {
      (widths[$0], $0) < (widths[$1], $1)
    }
  }
}
