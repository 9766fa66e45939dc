/// A set of children's numbers whose first and last are found without looking at all of them.
///
/// A bit a number. `first` looks on from where it last found one, so that taking all, one after the
/// other, reads each word once.
public struct OrdinalSet: Sendable, Equatable {
  private var words: [UInt64] = []
  /// No number below this word is in the set.
  private var lowest = 0
  public private(set) var count = 0

  public init() {}

  public var isEmpty: Bool { count == 0 }

  /// Whether the number is in the set.
  public func contains(_ ordinal: Int) -> Bool {
    let word = ordinal / 64
    return word < words.count && words[word] & bit(ordinal) != 0
  }

  /// Takes the number in, or out.
  public mutating func set(_ ordinal: Int, _ isMember: Bool) {
    precondition(ordinal >= 0, "children are numbered from 0")
    guard contains(ordinal) != isMember else { return }
    let word = ordinal / 64
    if isMember {
      if word >= words.count {
        words += [UInt64](repeating: 0, count: word + 1 - words.count)
      }
      words[word] |= bit(ordinal)
      lowest = count == 0 ? word : min(lowest, word)
      count += 1
    } else {
      words[word] &= ~bit(ordinal)
      count -= 1
    }
  }

  /// The lowest numbers, at most so many.
  public mutating func first(_ limit: Int) -> [Int] {
    guard limit > 0, count > 0 else { return [] }
    while words[lowest] == 0 { lowest += 1 }
    var found: [Int] = []
    for word in lowest..<words.count {
      var left = words[word]
      while left != 0 {
        found.append(word * 64 + left.trailingZeroBitCount)
        if found.count == min(limit, count) { return found }
        left &= left - 1
      }
    }
    return found
  }

  /// The highest numbers, at most so many, the highest first.
  public func last(_ limit: Int) -> [Int] {
    var found: [Int] = []
    for word in words.indices.reversed() where found.count < min(limit, count) {
      var left = words[word]
      while left != 0, found.count < limit {
        let top = 63 - left.leadingZeroBitCount
        found.append(word * 64 + top)
        left &= ~(1 << UInt64(top))
      }
    }
    return found
  }

  private func bit(_ ordinal: Int) -> UInt64 { 1 << UInt64(ordinal % 64) }

  public static func == (left: OrdinalSet, right: OrdinalSet) -> Bool {
    left.count == right.count && left.last(left.count) == right.last(right.count)
  }
}
