public import JSON

/// One imperative piece of work, as it is asked for: a resource's spec, read.
public struct TaskRun: Sendable, Equatable {
  public static let kind = "TaskRun"

  public var type: String
  public var params: JSONValue
  /// Who asks for it: a live run is joined by who gives the same one. Empty = nobody joins it.
  public var externalID: String
  /// Where intents converge that the task sets without naming a target.
  public var target: String
  /// Of each phase.
  public var timeout: Milliseconds
  public var maxRetries: Int64
  /// How long it is kept after its end; nil = for good.
  public var ttlAfterFinished: Milliseconds?
  /// Rises to have it run again.
  public var run: Int64

  public init(spec: JSONReader) throws(MappingError) {
    type = try spec.required("type").string()
    params = try spec.member("params")?.value ?? .object(JSONObject())
    externalID = try spec.member("externalId")?.string() ?? ""
    target = try spec.member("target")?.string() ?? ""
    timeout =
      try spec.member("timeoutSeconds").map { seconds throws(MappingError) in
        Milliseconds.seconds(try seconds.integer())
      } ?? TaskTemplate.defaultTimeout
    maxRetries = try spec.member("maxRetries")?.integer() ?? 0
    ttlAfterFinished = try spec.member("ttlSecondsAfterFinished").map {
      seconds throws(MappingError) in Milliseconds.seconds(try seconds.integer())
    }
    run = try spec.member("run")?.integer() ?? 1
  }

  /// Of a run of this type and these params, the same for the same input, whatever the order of the
  /// params' members.
  public static func name(type: String, params: JSONValue) -> String {
    let identity = Digest.uuid5(
      space: Self.space, name: type + "\n" + params.canonical.description)
    let prefix = slug(type).prefix(nameLimit - idDigits - 1)
    return "\(prefix)-\(identity.filter { $0 != "-" }.prefix(idDigits))"
  }

  /// The space of ids of runs, drawn once.
  private static let space = "5a1f0d5c-7c0e-4a51-9a31-7d1e1c0b6f2e"
  private static let nameLimit = 63
  private static let idDigits = 12

  /// "AddNodeToGroup" as "add-node-to-group".
  private static func slug(_ type: String) -> String {
    var slug = ""
    for character in type.unicodeScalars {
      let isUpper = ("A"..."Z").contains(character)
      let isPlain = ("a"..."z").contains(character) || ("0"..."9").contains(character)
      if isUpper, !slug.isEmpty, slug.last != "-" { slug += "-" }
      if isUpper || isPlain {
        slug += String(character).lowercased()
      } else if !slug.isEmpty, slug.last != "-" {
        slug += "-"
      }
    }
    return slug.isEmpty ? "task" : slug.hasSuffix("-") ? slug + "0" : slug
  }
}

extension Resource {
  /// Whether it is one imperative piece of work.
  public var isTaskRun: Bool { kind == TaskRun.kind }
}

extension JSONValue {
  /// The same value with members in order of their names.
  fileprivate var canonical: JSONValue {
    if let array { return .array(array.map(\.canonical)) }
    guard let object else { return self }
    let members = object.members.sorted { $0.name < $1.name }
    return .object(JSONObject(members.map { ($0.name, $0.value.canonical) }))
  }
}
