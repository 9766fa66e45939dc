public import JSON

/// Whether what a blueprint refers to can ever be there: what can't is a typing error.
extension Blueprint {
  /// References to fields that no resource of the kind can have, in the order of the text.
  ///
  /// - Parameter root: where the blueprint's spec stands in its document.
  public func unresolvable(below root: String = "spec") -> [MappingError] {
    var problems: [MappingError] = []
    func check(_ path: JSONPath?, at place: String) {
      guard let path, let message = problem(with: path) else { return }
      problems.append(MappingError(path: "\(root).\(place)", message: message))
    }
    check(targetPath, at: "targetFrom")
    for (index, column) in printerColumns.enumerated() {
      check(column.path, at: "printerColumns[\(index)].path")
    }
    for (index, plan) in plans.enumerated() {
      let place = "plans[\(index)]"
      for (number, pair) in plan.when.drift.enumerated() {
        check(pair.desired, at: "\(place).when.drift[\(number)].desired")
        check(pair.observed, at: "\(place).when.drift[\(number)].observed")
      }
      for (number, task) in plan.tasks.enumerated() {
        check(task.whenPresent, at: "\(place).tasks[\(number)].when")
        for (path, at) in Self.paths(in: task.params) {
          check(path, at: "\(place).tasks[\(number)].params\(at)")
        }
      }
    }
    for (index, rule) in conditions.enumerated() {
      for (path, _) in Self.paths(in: .string(rule.intentKey)) {
        check(path, at: "conditions[\(index)].from.key")
      }
    }
    return problems
  }

  /// Of a resource: the fields of its spec that a task needs and that are not given, each told once.
  ///
  /// Where such a field is missing the plan could never be stamped.
  public func missing(in document: JSONValue) -> [SchemaProblem] {
    var problems: [SchemaProblem] = []
    var told: Set<JSONPath> = []
    for plan in plans {
      for task in plan.tasks {
        if let when = task.whenPresent, document.value(at: when) ?? .null == .null { continue }
        for path in task.neededPaths {
          guard path.components.first == .member("spec"), document.value(at: path) == nil,
            told.insert(path).inserted
          else { continue }
          problems.append(
            SchemaProblem(
              path: path.description,
              message: "is needed by task \(task.name) of plan \(plan.name), and is not given"))
        }
      }
    }
    return problems
  }

  /// Nil where the path can lead to something.
  private func problem(with path: JSONPath) -> String? {
    guard case .member(let root)? = path.components.first else {
      return "\"\(path)\" begins with no name; it can begin with spec, status or metadata"
    }
    switch root {
    case "spec":
      return problem(in: schema, path, depth: 1)
    case "status":
      guard path.components.count > 1, !isSet(path) else { return nil }
      let known = statusPaths.sorted().joined(separator: ", ")
      return "nothing sets \(path): no task's outputs are mapped to it; set are "
        + "status.phase, status.observedGeneration\(known.isEmpty ? "" : ", " + known)"
    case "metadata":
      guard case .member(let name)? = path.components.dropFirst().first,
        !Self.metadataNames.contains(name)
      else { return nil }
      return "metadata has no \"\(name)\"; it has \(Self.metadataNames.joined(separator: ", "))"
    default:
      return "\"\(path)\" begins with neither spec, status nor metadata"
    }
  }

  private static let metadataNames = [
    "name", "namespace", "uid", "generation", "labels", "annotations", "creationTimestamp",
  ]

  private var statusPaths: Set<String> {
    Set(plans.flatMap(\.tasks).flatMap(\.outputs).map(\.value))
  }

  /// Whether a task's output is mapped to it, to something around it or to something in it.
  private func isSet(_ path: JSONPath) -> Bool {
    if case .member(let name) = path.components[1], name == "phase" || name == "observedGeneration"
    {
      return true
    }
    return statusPaths.contains { text in
      guard let set = try? JSONPath(text) else { return false }
      return zip(set.components, path.components).allSatisfy { $0 == $1 }
    }
  }

  private func problem(in schema: Schema, _ path: JSONPath, depth: Int) -> String? {
    guard depth < path.components.count else { return nil }
    let above = JSONPath(Array(path.components[..<depth]))
    switch path.components[depth] {
    case .index:
      if let type = schema.type, type != .array { return "\(above) is no list" }
      return schema.items.flatMap { problem(in: $0, path, depth: depth + 1) }
    case .member(let name):
      // Of every kind, whatever its schema says.
      if depth == 1, name == "paused" { return nil }
      if let type = schema.type, type != .object { return "\(above) is no object" }
      if let property = schema.property(name) {
        return problem(in: property, path, depth: depth + 1)
      }
      switch schema.additionalProperties {
      case .anything: return nil
      case .schema(let other): return problem(in: other, path, depth: depth + 1)
      case .refused:
        if schema.type == nil { return nil }
        let names = schema.properties.map(\.name)
        let meant = Spelling.nearest(to: name, among: names).map { "; did you mean \($0)?" }
        return "\(above) has no \"\(name)\" in the schema"
          + (meant ?? (names.isEmpty ? "" : "; it has \(names.joined(separator: ", "))"))
      }
    }
  }

  /// References to the resource with where they stand; a template that can't be read has none here,
  /// reading the blueprint has refused it.
  private static func paths(in value: JSONValue) -> [(JSONPath, at: String)] {
    switch value {
    case .array(let elements):
      return elements.enumerated().flatMap { index, element in
        paths(in: element).map { ($0.0, at: "[\(index)]\($0.at)") }
      }
    case .object(let object):
      return object.members.flatMap { member in
        paths(in: member.value).map { ($0.0, at: ".\(member.name)\($0.at)") }
      }
    default:
      return references(in: value).map { ($0.path, at: "") }
    }
  }

  /// Read once, with the blueprint: every manifest of the kind is held against them.
  static func neededPaths(in value: JSONValue) -> [JSONPath] {
    references(in: value).filter { !$0.isOptional }.map(\.path)
  }

  private static func references(in value: JSONValue) -> [(path: JSONPath, isOptional: Bool)] {
    ((try? Template.references(in: value)) ?? []).compactMap { reference in
      guard case .resource(let path) = reference.source else { return nil }
      return (path, reference.isOptional)
    }
  }
}
