internal import JSON

/// Where each value of a document stands in its text.
///
/// The values in the order of the text, each with the size of its subtree: a path is followed by
/// skipping siblings. That costs time only where there is a problem to tell, and makes parsing cost
/// twelve bytes a value instead of a path a value.
struct ManifestPositions: Sendable {
  struct Node: Sendable {
    var line: Int32
    var column: Int32
    /// Values below this one, and itself.
    var size: Int32 = 1
  }

  var nodes: [Node] = []

  func position(of path: String, in root: JSONValue) -> ManifestPosition? {
    guard !nodes.isEmpty else { return nil }
    var node = 0
    var value = root
    var rest = Substring(path)
    while !rest.isEmpty {
      guard let step = Self.step(along: rest, in: value) else { break }
      node += 1
      for _ in 0..<step.index { node += Int(nodes[node].size) }
      value = step.child
      rest = step.rest
    }
    return ManifestPosition(line: Int(nodes[node].line), column: Int(nodes[node].column))
  }

  private typealias Step = (index: Int, child: JSONValue, rest: Substring)

  private static func step(along path: Substring, in value: JSONValue) -> Step? {
    switch value {
    case .array(let elements):
      guard path.first == "[", let end = path.firstIndex(of: "]"),
        let index = Int(path[path.index(after: path.startIndex)..<end]),
        elements.indices.contains(index)
      else { return nil }
      return (index, elements[index], path[path.index(after: end)...])
    case .object(let object):
      return step(along: path.first == "." ? path.dropFirst() : path, in: object)
    default:
      return nil
    }
  }

  /// Names may hold dots and be written without quotes, so the longest that fits is meant.
  private static func step(along path: Substring, in object: JSONObject) -> Step? {
    var best: Step?
    for (index, member) in object.members.enumerated() {
      for written in [member.name, "[\(JSONValue.string(member.name))]"] where !written.isEmpty {
        guard path.hasPrefix(written) else { continue }
        let rest = path.dropFirst(written.count)
        guard rest.isEmpty || rest.first == "." || rest.first == "[" else { continue }
        if let best, best.rest.count <= rest.count { continue }
        best = (index, member.value, rest)
      }
    }
    return best
  }
}
