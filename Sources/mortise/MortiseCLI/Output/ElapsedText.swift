internal import Model

/// Spans of time as people read them, in five characters or so.
enum ElapsedText {
  /// "0.4s", "12s", "3m05s", "2h07m", "3d4h"; a negative span is none.
  static func describe(_ span: Milliseconds) -> String {
    let milliseconds = max(0, span.count)
    let seconds = milliseconds / 1000
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    switch seconds {
    case ..<10: return "\(seconds).\(milliseconds % 1000 / 100)s"
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
    case ..<86_400: return "\(seconds / 3600)h\(two(seconds % 3600 / 60))m"
    default: return "\(seconds / 86_400)d\(seconds % 86_400 / 3600)h"
    }
  }

  /// How long ago, without tenths: "7s", "3m05s".
  static func age(of moment: Timestamp?, at now: Timestamp) -> String {
    guard let moment else { return "-" }
    let span = now - moment
    return span.count < 10_000 ? "\(max(0, span.count) / 1000)s" : describe(span)
  }
}
