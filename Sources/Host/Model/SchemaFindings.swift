internal import JSON

/// What a walk over a schema or a value has found so far, and where it is.
struct SchemaFindings {
  private(set) var problems: [SchemaProblem] = []
  private var path = JSONPath()

  var isFull: Bool { problems.count >= Schema.maximumProblems }

  mutating func descend(to member: String) { path.components.append(.member(member)) }
  mutating func descend(to element: Int) { path.components.append(.index(element)) }
  mutating func ascend() { path.components.removeLast() }

  mutating func report(_ message: String) {
    guard !isFull else { return }
    problems.append(SchemaProblem(path: path.description, message: message))
  }

  mutating func report(_ message: String, at member: String) {
    descend(to: member)
    report(message)
    ascend()
  }
}
