/// Makes the program of a pattern's tree; counted repetitions are written out.
struct SchemaPatternCompiler {
  private var program: [SchemaPattern.Instruction] = []
  /// Ranges of classes and visits count as well: neither `[…]{999}` nor `((){999}){999}` is free.
  private var cost = 0

  mutating func compile(_ tree: SchemaPatternNode) throws(SchemaPattern.Refusal)
    -> [SchemaPattern.Instruction]
  {
    try emit(tree)
    try append(.accept)
    return program
  }

  private mutating func append(_ instruction: SchemaPattern.Instruction)
    throws(SchemaPattern.Refusal)
  {
    if case .one(let set) = instruction { try spend(set.ranges.count) }
    try spend(1)
    program.append(instruction)
  }

  private mutating func spend(_ amount: Int) throws(SchemaPattern.Refusal) {
    cost += amount
    guard cost <= SchemaPattern.maximumCost else {
      throw SchemaPattern.Refusal(
        offset: 0,
        message: "the pattern is too large: written out, its repetitions need more than "
          + "\(SchemaPattern.maximumCost) steps")
    }
  }

  private mutating func emit(_ node: SchemaPatternNode) throws(SchemaPattern.Refusal) {
    try spend(1)
    switch node {
    case .empty: break
    case .one(let set): try append(.one(set))
    case .start: try append(.assertStart)
    case .end: try append(.assertEnd)
    case .sequence(let parts):
      for part in parts { try emit(part) }
    case .choice(let branches):
      try emit(branches)
    case .repetition(let inner, let minimum, let maximum):
      for _ in 0..<minimum { try emit(inner) }
      if let maximum {
        for _ in minimum..<maximum { try emitOptional(inner) }
      } else {
        try emitLoop(inner)
      }
    }
  }

  /// split next, other; branch; jump end; other: …
  private mutating func emit(_ branches: [SchemaPatternNode]) throws(SchemaPattern.Refusal) {
    var ends: [Int] = []
    for branch in branches.dropLast() {
      let split = program.count
      try append(.accept)
      try emit(branch)
      ends.append(program.count)
      try append(.accept)
      program[split] = .split(split + 1, program.count)
    }
    try emit(branches[branches.count - 1])
    for end in ends { program[end] = .jump(program.count) }
  }

  private mutating func emitOptional(_ node: SchemaPatternNode) throws(SchemaPattern.Refusal) {
    let split = program.count
    try append(.accept)
    try emit(node)
    program[split] = .split(split + 1, program.count)
  }

  private mutating func emitLoop(_ node: SchemaPatternNode) throws(SchemaPattern.Refusal) {
    let split = program.count
    try append(.accept)
    try emit(node)
    try append(.jump(split))
    program[split] = .split(split + 1, program.count)
  }
}
