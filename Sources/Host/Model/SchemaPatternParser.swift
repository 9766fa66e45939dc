/// A pattern as a tree, before it becomes a program.
indirect enum SchemaPatternNode {
  case empty
  case one(SchemaPattern.ScalarSet)
  case start
  case end
  case sequence([SchemaPatternNode])
  case choice([SchemaPatternNode])
  /// No upper bound = any number.
  case repetition(SchemaPatternNode, minimum: Int, maximum: Int?)
}

/// Reads a pattern; recursion is bounded by `SchemaPattern.maximumGroupDepth`.
struct SchemaPatternParser {
  private typealias ScalarSet = SchemaPattern.ScalarSet

  private let scalars: [Unicode.Scalar]
  private var offset = 0
  private var depth = 0

  init(_ source: String) {
    scalars = Array(source.unicodeScalars)
  }

  mutating func parse() throws(SchemaPattern.Refusal) -> SchemaPatternNode {
    let tree = try choice()
    if offset < scalars.count {
      throw refusal("this ) closes nothing; write \\) for the character")
    }
    return tree
  }

  private var peek: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

  private func refusal(_ message: String) -> SchemaPattern.Refusal {
    SchemaPattern.Refusal(offset: min(offset, scalars.count), message: message)
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    offset += 1
    return true
  }

  private mutating func choice() throws(SchemaPattern.Refusal) -> SchemaPatternNode {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(SchemaPattern.Refusal) -> SchemaPatternNode {
    var parts: [SchemaPatternNode] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      parts.append(try repeated(try atom()))
    }
    return parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func atom() throws(SchemaPattern.Refusal) -> SchemaPatternNode {
    let scalar = scalars[offset]
    switch scalar {
    case "^", "$":
      offset += 1
      return scalar == "^" ? .start : .end
    case ".":
      offset += 1
      return .one(ScalarSet(ranges: [0x0A...0x0A], isInverted: true))
    case "[":
      offset += 1
      return .one(try set())
    case "(":
      return try group()
    case "\\":
      return .one(try escape())
    case "*", "+", "?":
      throw refusal("\(scalar) repeats nothing; write \\\(scalar) for the character")
    case "{", "}", "]":
      throw refusal("write \\\(scalar) for the character \(scalar)")
    default:
      offset += 1
      return .one(ScalarSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func group() throws(SchemaPattern.Refusal) -> SchemaPatternNode {
    depth += 1
    guard depth <= SchemaPattern.maximumGroupDepth else {
      throw refusal("groups nest deeper than \(SchemaPattern.maximumGroupDepth)")
    }
    offset += 1
    if take("?"), !take(":") {
      throw refusal("of the (? groups only (?: is supported: no look-ahead, names or flags")
    }
    let inner = try choice()
    guard take(")") else { throw refusal("a ( is not closed") }
    depth -= 1
    return inner
  }

  private mutating func repeated(_ node: SchemaPatternNode) throws(SchemaPattern.Refusal)
    -> SchemaPatternNode
  {
    var result = node
    if take("*") {
      result = .repetition(node, minimum: 0, maximum: nil)
    } else if take("+") {
      result = .repetition(node, minimum: 1, maximum: nil)
    } else if take("?") {
      result = .repetition(node, minimum: 0, maximum: 1)
    } else if peek == "{" {
      result = try counted(node)
    } else {
      return node
    }
    // Reluctant or not changes which text matches, never whether it does.
    _ = take("?")
    if let scalar = peek, scalar == "*" || scalar == "+" || scalar == "{" {
      throw refusal("\(scalar) follows another repetition; group the first one")
    }
    return result
  }

  private mutating func counted(_ node: SchemaPatternNode) throws(SchemaPattern.Refusal)
    -> SchemaPatternNode
  {
    let start = offset
    offset += 1
    let lower = number()
    var upper = lower
    if take(",") { upper = number() }
    guard let lower, take("}") else {
      offset = start
      throw refusal(
        "expected {n}, {n,} or {n,m} with n and m up to 999; write \\{ for the character")
    }
    if let upper, upper < lower {
      offset = start
      throw refusal("{\(lower),\(upper)} asks for at most fewer than at least")
    }
    return .repetition(node, minimum: lower, maximum: upper)
  }

  private mutating func number() -> Int? {
    var value: Int?
    var digits = 0
    while let scalar = peek, ("0"..."9").contains(scalar), digits < 3 {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      digits += 1
      offset += 1
    }
    return value
  }
}

/// Classes and escapes.
extension SchemaPatternParser {
  private static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  private static let words: [ClosedRange<UInt32>] = [
    0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A,
  ]
  private static let spaces: [ClosedRange<UInt32>] = [0x09...0x0D, 0x20...0x20]

  private mutating func set() throws(SchemaPattern.Refusal) -> ScalarSet {
    var set = ScalarSet(ranges: [], isInverted: take("^"))
    let start = offset
    while !take("]") {
      guard offset < scalars.count else {
        offset = start
        throw refusal("a [ is not closed; write \\[ for the character")
      }
      let lower = try member()
      guard peek == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]" else {
        set.ranges += lower.ranges
        continue
      }
      offset += 1
      let upper = try member()
      guard let first = lower.only, let last = upper.only, first <= last else {
        throw refusal("a range in [ ] must run from a lower to a higher character")
      }
      set.ranges.append(first...last)
    }
    if set.ranges.isEmpty {
      throw refusal("[ ] with nothing inside; write \\] for the character ]")
    }
    return set
  }

  private mutating func member() throws(SchemaPattern.Refusal) -> ScalarSet {
    let scalar = scalars[offset]
    switch scalar {
    case "\\":
      let set = try escape()
      if set.isInverted { throw refusal("\\D, \\W and \\S can't stand inside [ ]") }
      return set
    case "[":
      throw refusal("write \\[ for the character [ inside [ ]; [:names:] are not supported")
    default:
      offset += 1
      return ScalarSet(ranges: [scalar.value...scalar.value])
    }
  }

  private mutating func escape() throws(SchemaPattern.Refusal) -> ScalarSet {
    offset += 1
    guard let scalar = peek else { throw refusal("the pattern ends in a lone \\") }
    let value: ScalarSet
    switch scalar {
    case "d": value = ScalarSet(ranges: Self.digits)
    case "D": value = ScalarSet(ranges: Self.digits, isInverted: true)
    case "w": value = ScalarSet(ranges: Self.words)
    case "W": value = ScalarSet(ranges: Self.words, isInverted: true)
    case "s": value = ScalarSet(ranges: Self.spaces)
    case "S": value = ScalarSet(ranges: Self.spaces, isInverted: true)
    case "t": value = ScalarSet(ranges: [0x09...0x09])
    case "n": value = ScalarSet(ranges: [0x0A...0x0A])
    case "r": value = ScalarSet(ranges: [0x0D...0x0D])
    default:
      let isLetterOrDigit = Self.words.contains { $0.contains(scalar.value) } && scalar != "_"
      guard scalar.isASCII, !isLetterOrDigit else { throw refusal("\\\(scalar) is not supported") }
      value = ScalarSet(ranges: [scalar.value...scalar.value])
    }
    offset += 1
    return value
  }
}

extension SchemaPattern.ScalarSet {
  /// The scalar of a set that has exactly one.
  fileprivate var only: UInt32? {
    ranges.count == 1 && ranges[0].count == 1 && !isInverted ? ranges[0].lowerBound : nil
  }
}
