/// A regular expression that matches in linear time, whatever the pattern and the text.
///
/// Patterns come from blueprints and plugins and texts from anyone, so backtracking is out of the
/// question. The subset is what JSON Schema and RE2 have in common: literals, `.`, classes, `\d \w
/// \s` and their opposites, `^ $`, groups, `|`, `* + ?` and `{n,m}`. Nothing else is taken for a
/// literal: it is refused, with what to write instead.
///
/// - Invariant: memory and time a character are bounded by `maximumCost` (guarded by
///   `SchemaPatternTests`).
public struct SchemaPattern: Sendable, Equatable {
  /// Instructions, visits and class ranges of a pattern whose repetitions are written out.
  public static let maximumCost = 2000
  public static let maximumGroupDepth = 32
  /// Longer texts never match: set `maxLength` where that could happen.
  public static let maximumTextScalars = 65_536

  /// Why a pattern was refused; `offset` counts characters from 0.
  public struct Refusal: Error, Sendable, Equatable {
    public var offset: Int
    public var message: String
  }

  /// One step of the automaton; targets are indices into the program.
  enum Instruction: Sendable, Equatable {
    case one(ScalarSet)
    case split(Int, Int)
    case jump(Int)
    case assertStart
    case assertEnd
    case accept
  }

  /// Scalars by ranges; few enough that a scan beats anything clever.
  struct ScalarSet: Sendable, Equatable {
    var ranges: [ClosedRange<UInt32>]
    var isInverted = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
      ranges.contains { $0.contains(scalar.value) } != isInverted
    }
  }

  public let source: String
  let program: [Instruction]

  public init(_ source: String) throws(Refusal) {
    self.source = source
    var parser = SchemaPatternParser(source)
    let tree = try parser.parse()
    var compiler = SchemaPatternCompiler()
    program = try compiler.compile(tree)
  }

  /// For patterns in this module's own text, which its tests have seen compile.
  init(constant source: String) {
    do {
      try self.init(source)
    } catch {
      preconditionFailure("pattern \(source) at \(error.offset): \(error.message)")
    }
  }

  /// Whether any part of the text matches, as in JSON Schema: anchor with `^` and `$` for all of it.
  public func matches(_ text: String) -> Bool {
    var current = StateSet(capacity: program.count)
    var next = StateSet(capacity: program.count)
    var count = 0
    var scalars = text.unicodeScalars.makeIterator()
    var scalar = scalars.next()
    while true {
      if current.add(0, of: program, isStart: count == 0, isEnd: scalar == nil) { return true }
      guard let present = scalar else { return false }
      count += 1
      guard count <= Self.maximumTextScalars else { return false }
      scalar = scalars.next()
      next.removeAll()
      for state in current.states {
        if case .one(let set) = program[state], set.contains(present),
          next.add(state + 1, of: program, isStart: false, isEnd: scalar == nil)
        {
          return true
        }
      }
      swap(&current, &next)
    }
  }

  /// The states that the automaton is in at once, each counted once: that is what bounds the time.
  private struct StateSet {
    private(set) var states: [Int] = []
    private var isMember: [Bool]
    private var pending: [Int] = []

    init(capacity: Int) {
      isMember = Array(repeating: false, count: capacity)
    }

    mutating func removeAll() {
      for index in isMember.indices { isMember[index] = false }
      states.removeAll(keepingCapacity: true)
    }

    /// Enters a state and all that follow from it without reading; true = accepted.
    mutating func add(_ state: Int, of program: [Instruction], isStart: Bool, isEnd: Bool) -> Bool {
      pending.append(state)
      while let state = pending.popLast() {
        if isMember[state] { continue }
        isMember[state] = true
        switch program[state] {
        case .one: states.append(state)
        case .jump(let target): pending.append(target)
        case .split(let left, let right): pending += [left, right]
        case .assertStart: if isStart { pending.append(state + 1) }
        case .assertEnd: if isEnd { pending.append(state + 1) }
        case .accept: return true
        }
      }
      return false
    }
  }
}
