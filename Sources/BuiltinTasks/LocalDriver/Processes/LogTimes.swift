/// When which part of a log was written, as well as looks at its length can tell.
///
/// Containers write to their logs themselves, so no line has a time of its own. What a look finds
/// was written since the one before, and counts as written at the later one: who asks for what was
/// written since a moment gets all of it, and at most what came between two looks more.
struct LogTimes {
  /// With more, pairs of neighbours become one.
  static let marksMax = 4096

  /// From this position on, up to the next mark's, all was written by this moment.
  struct Mark: Equatable {
    var position: UInt64
    var unixMS: Int64
  }

  private(set) var marks: [Mark] = []
  private var end: UInt64

  /// - Parameter start: of what is kept.
  init(start: UInt64) { end = start }

  /// - Returns: whether there is more than at the look before.
  @discardableResult
  mutating func look(end now: UInt64, at unixMS: Int64) -> Bool {
    guard now != end else { return false }
    // Shorter than before: the log was removed and begun again.
    if now < end {
      marks = []
      end = 0
    }
    marks.append(Mark(position: end, unixMS: unixMS))
    end = now
    if marks.count > Self.marksMax { halve() }
    return true
  }

  /// Where to begin so that nothing is missed that was written at that moment or later.
  func position(since unixMS: Int64) -> UInt64 {
    marks.first { $0.unixMS >= unixMS }?.position ?? end
  }

  private mutating func halve() {
    marks = stride(from: 0, to: marks.count, by: 2).map { index in
      let second = marks[min(index + 1, marks.count - 1)]
      return Mark(position: marks[index].position, unixMS: second.unixMS)
    }
  }
}
