/// Tables for the terminal and for docs/performance.md.
extension Results {
  var text: String {
    var text = tables.map(\.text).joined(separator: "\n")
    for omission in omissions { text += "\nnot measured: \(omission)" }
    return text
  }
}

extension Table {
  fileprivate var text: String {
    let hasRatio = lines.contains { $0.ratio != nil }
    var rows = [["", "median", "min–max", hasRatio ? "ratio" : "", "wanted", ""]]
    for line in lines {
      rows.append([
        line.name, line.series.median.figure,
        "\(line.series.minimum.figure)–\(line.series.maximum.figure)",
        line.ratio.map { "× \($0.figure)" } ?? "", line.wanted,
        line.isMet.map { $0 ? "yes" : "NO" } ?? "",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let body = rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }
    return "\(title), \(unit)\n  " + body.joined(separator: "\n  ") + "\n"
  }
}

extension Line {
  fileprivate var wanted: String {
    let prefix = isTargetRatio ? "× " : ""
    switch target {
    case .atMost(let limit): return "≤ \(prefix)\(limit.figure)"
    case .atLeast(let limit): return "≥ \(prefix)\(limit.figure)"
    case nil: return ""
    }
  }
}

extension Double {
  /// Three digits that tell, thousands apart.
  var figure: String {
    if isNaN { return "–" }
    let magnitude = magnitude
    if magnitude >= 1000 {
      let digits = String(Int(rounded()))
      return digits.enumerated().reduce("") { text, digit in
        let left = digits.count - digit.offset
        return text + (digit.offset > 0 && left % 3 == 0 ? " " : "") + String(digit.element)
      }
    }
    let decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2
    let scale = [1.0, 10, 100][decimals]
    let scaled = Int((self * scale).rounded())
    if decimals == 0 { return String(scaled) }
    let fraction = String(abs(scaled) % Int(scale))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(scale)).\(zeros)\(fraction)"
  }
}
