public import JSON

extension IntentPreview.Difference {
  /// Differences told of one intent at most.
  public static let limit = 64

  /// Where two documents differ, down to the values that do; the first `limit` of them.
  public static func between(_ present: JSONValue, _ planned: JSONValue)
    -> [IntentPreview.Difference]
  {
    var found: [IntentPreview.Difference] = []
    collect(present, planned, JSONPath(), &found)
    return found
  }

  private static func collect(
    _ present: JSONValue, _ planned: JSONValue, _ path: JSONPath,
    _ found: inout [IntentPreview.Difference]
  ) {
    guard present != planned, found.count < limit else { return }
    if let old = present.object, let new = planned.object {
      for name in old.names + new.names.filter({ old[$0] == nil }) {
        collect(old[name] ?? .null, new[name] ?? .null, path.appending(.member(name)), &found)
      }
    } else if let old = present.array, let new = planned.array {
      for index in 0..<max(old.count, new.count) {
        collect(
          index < old.count ? old[index] : .null, index < new.count ? new[index] : .null,
          path.appending(.index(index)), &found)
      }
    } else {
      found.append(
        IntentPreview.Difference(path: path.description, present: present, planned: planned))
    }
  }
}

extension JSONPath {
  fileprivate func appending(_ component: Component) -> JSONPath {
    var path = self
    path.components.append(component)
    return path
  }
}
