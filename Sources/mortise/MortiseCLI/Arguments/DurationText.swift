/// Lengths of time as people type them: `500ms`, `90s`, `5m`, `1h`, `1h30m`.
enum DurationText {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
  ]
  private static let hoursMax: Int64 = 24 * 365

  /// Nil for anything else, a number without a unit, and more than a year.
  static func parse(_ text: String) -> Duration? {
    var rest = text[...]
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let suffix = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(suffix.count)
      guard let number = Int64(digits), let unit = units.first(where: { $0.suffix == suffix }),
        number <= hoursMax * 3_600_000 / unit.milliseconds
      else { return nil }
      total += number * unit.milliseconds
      guard total <= hoursMax * 3_600_000 else { return nil }
    }
    return .milliseconds(total)
  }
}
