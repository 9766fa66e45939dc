public import JSON

extension Samples {
  private static let members: Set<String> = [
    "tasks", "driver", "variables", "config", "environment",
  ]
  private static let taskMembers: Set<String> = [
    "good", "other", "bad", "slow", "chatty", "effect",
  ]

  /// Reads the document of a conformance.yaml.
  ///
  /// - Throws: what is wrong, by its path.
  public init(_ json: JSONValue) throws(SamplesError) {
    self.init()
    try Self.check(json, at: "", Self.members)
    config = json["config"]
    variables = try Self.texts(json["variables"], at: "variables")
    environment = try Self.texts(json["environment"], at: "environment")
    for (name, value) in json["tasks"]?.object?.members ?? [] {
      tasks[name] = try TaskType(value, at: "tasks.\(name)", members: Self.taskMembers)
    }
    guard let driver = json["driver"] else { return }
    try Self.check(driver, at: "driver", ["target", "intents"])
    target = driver["target"]?.string ?? ""
    for (index, value) in (driver["intents"]?.array ?? []).enumerated() {
      guard let kind = value["kind"]?.string, let key = value["key"]?.string else {
        throw SamplesError(description: "driver.intents[\(index)]: kind and key must be texts")
      }
      intents.append(Intent(kind: kind, key: key, spec: value["spec"] ?? [:]))
    }
  }

  private static func texts(
    _ value: JSONValue?, at path: String
  ) throws(SamplesError) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in value?.object?.members ?? [] {
      guard let text = value.string else {
        throw SamplesError(description: "\(path).\(name): must be a text")
      }
      texts[name] = text
    }
    return texts
  }

  fileprivate static func check(
    _ value: JSONValue, at path: String, _ known: Set<String>
  ) throws(SamplesError) {
    guard let object = value.object else {
      throw SamplesError(description: "\(path.isEmpty ? "the document" : path): must be an object")
    }
    for name in object.names where !known.contains(name) {
      let full = path.isEmpty ? name : "\(path).\(name)"
      throw SamplesError(
        description: "\(full): unknown; known are \(known.sorted().joined(separator: ", "))")
    }
  }
}

extension Samples.TaskType {
  init(_ json: JSONValue, at path: String, members: Set<String>) throws(SamplesError) {
    try Samples.check(json, at: path, members)
    good = json["good"]
    other = json["other"]
    bad = json["bad"]?.array ?? []
    slow = json["slow"]
    chatty = json["chatty"]
    guard let effect = json["effect"] else { return }
    if let file = effect["lines"]?.string {
      self.effect = .lines(file)
    } else if let directory = effect["entries"]?.string {
      self.effect = .entries(directory)
    } else {
      throw SamplesError(
        description: "\(path).effect: name a file by lines, or a directory by entries")
    }
  }
}

extension JSONValue {
  /// The value with each `${NAME}` in its texts replaced; names that aren't known stay.
  func filled(_ values: [String: String]) -> JSONValue {
    switch self {
    case .string(let text): .string(text.filled(values))
    case .array(let elements): .array(elements.map { $0.filled(values) })
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.name, $0.value.filled(values)) }))
    default: self
    }
  }
}

extension String {
  func filled(_ values: [String: String]) -> String {
    var result = ""
    var rest = self[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      guard rest.hasPrefix("${"), let end = rest.firstIndex(of: "}"),
        let value = values[String(rest.dropFirst(2)[..<end])]
      else {
        result += "$"
        rest = rest.dropFirst()
        continue
      }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
