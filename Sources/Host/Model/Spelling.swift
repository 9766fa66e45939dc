/// Finds what somebody meant who mistyped a name: for the host's and the command line's messages.
public enum Spelling {
  /// The candidate nearest to the text, where one is near enough to be meant.
  public static func nearest(to text: String, among candidates: [String]) -> String? {
    let typed = Array(text.lowercased())
    let scored = candidates.map { (name: $0, distance: distance(typed, Array($0.lowercased()))) }
    guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
    if best.distance <= max(1, min(typed.count, best.name.count) / 3) { return best.name }
    // Half a word is no misspelling, but plain enough where only one begins so.
    let begun = candidates.filter { $0.lowercased().hasPrefix(text.lowercased()) }
    return begun.count == 1 && typed.count >= 2 ? begun[0] : nil
  }

  /// Insertions, removals, replacements and swaps of neighbours that lead from one to the other.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      for column in 1...right.count {
        let same = left[row - 1] == right[column - 1]
        var least = min(
          previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2],
          left[row - 2] == right[column - 1]
        {
          least = min(least, beforePrevious[column - 2] + 1)
        }
        current.append(least)
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
  }
}
