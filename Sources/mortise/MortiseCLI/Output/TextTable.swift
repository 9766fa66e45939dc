/// A table in columns, two spaces between them.
struct TextTable: Sendable, Equatable {
  var titles: [String]
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
  /// first, and what is lost ends in "~".
  func lines(fitting columns: Int? = nil, indentation: String = "") -> [String] {
    let widths = widths(fitting: columns.map { $0 - indentation.count })
    return ([titles] + rows).map { row in
      var line = indentation
      for (index, cell) in row.enumerated() {
        let shown = DisplayText.cut(cell, to: widths[index])
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
      guard let widest = widths.max(), widest > Self.columnMin,
        let index = widths.lastIndex(of: widest)
      else { break }
      widths[index] -= 1
    }
    return widths
  }
}
