internal import JSON

/// What `-o` chooses.
enum OutputFormat: Sendable, Equatable {
  case table
  case wide
  case json
  case yaml
  case name
  /// What stands at a path, a line for each object.
  case path(JSONPath)

  static let option = Option(
    "output", short: "o", .choice(["json", "yaml", "wide", "name", "jsonpath=PATH"]),
    "Print objects as they are, a wider table, KIND/NAME alone, or what stands at a path such as "
      + "status.phase or status.pods[0].ip")

  /// What was asked for; a table where nothing was.
  ///
  /// - Throws: exit code 2 for a path that is none.
  init(_ arguments: ParsedArguments) throws(CommandFailure) {
    switch arguments.value(Self.option) {
    case nil: self = .table
    case "wide": self = .wide
    case "json": self = .json
    case "yaml": self = .yaml
    case "name": self = .name
    case .some(let text): self = .path(try Self.path(text))
    }
  }

  /// A document in the format; nil for those that are for people.
  func document(_ value: JSONValue) -> String? {
    switch self {
    case .json: value.prettyPrinted() + "\n"
    case .yaml: YAMLWriter.document(value)
    case .path(let path): Self.text(value.value(at: path)) + "\n"
    case .table, .wide, .name: nil
    }
  }

  /// Texts as they are, anything else as compact JSON, nothing as nothing.
  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil: ""
    case .string(let text): text
    case .some(let value): value.description
    }
  }

  /// Reads `jsonpath=PATH`; also with braces and a leading dot, as kubectl has it.
  private static func path(_ text: String) throws(CommandFailure) -> JSONPath {
    var path = text.dropFirst("jsonpath=".count)
    if path.hasPrefix("{"), path.hasSuffix("}") { path = path.dropFirst().dropLast() }
    if path.hasPrefix(".") { path = path.dropFirst() }
    do throws(JSONPathError) {
      return try JSONPath(String(path))
    } catch {
      throw CommandFailure(.usage, "mortise: --output \(text): \(error)")
    }
  }
}
