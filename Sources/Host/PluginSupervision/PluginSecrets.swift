internal import Glibc
public import JSON
internal import LinuxSystem

/// Values of a plugin's configuration that stand in files or in the host's environment, and that
/// nobody but the plugin is shown.
///
/// In plugin.yaml a value is `{valueFrom: {file: PATH}}` or `{valueFrom: {env: NAME}}`. What a plugin
/// says is searched for such values before it is kept or shown: they are replaced by `[secret]`.
/// - Invariant: no secret is in the host's logs, errors, status, events or answers, unless a plugin
///   disguised it (guarded by `SecretTests`).
public struct PluginSecrets: Sendable {
  /// Secrets have at least so many bytes: what is shorter stands in any text.
  static let bytesMin = 6
  /// Longest file that is read.
  static let fileBytesMax = 64 << 10

  /// What is searched for, the longest first: a secret may be part of another.
  private let patterns: [String]

  /// No secrets.
  init() { patterns = [] }

  private init(_ values: [String]) {
    var patterns: Set<String> = []
    for value in values {
      // Lines of a key come one by one, and JSON writes some characters in its own way.
      let lines = value.split(whereSeparator: \.isNewline).map(String.init)
      for piece in [value] + lines where piece.utf8.count >= Self.bytesMin {
        let quoted = JSONValue.string(piece).serialized().dropFirst().dropLast()
        patterns.formUnion([piece, String(decoding: quoted, as: UTF8.self)])
      }
    }
    self.patterns = patterns.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
  }

  /// The text with `[secret]` in place of each secret.
  public func redact(_ text: String) -> String {
    patterns.reduce(text) { text, pattern in
      text.contains(pattern) ? text.replacing(pattern, with: "[secret]") : text
    }
  }

  /// The value with each of its strings redacted; names of members stay.
  public func redact(_ value: JSONValue) -> JSONValue {
    if patterns.isEmpty { return value }
    switch value {
    case .string(let text): return .string(redact(text))
    case .array(let items): return .array(items.map(redact))
    case .object(let object):
      return .object(JSONObject(object.members.map { ($0.name, redact($0.value)) }))
    default: return value
    }
  }
}

/// Filling in what a configuration refers to.
extension PluginSecrets {
  /// Why a configuration can't be filled in: names the place, never the value.
  struct Missing: Error, Equatable {
    let message: String
  }

  private enum Reference {
    case file(String)
    case environment(String)
  }

  /// The configuration with its secrets, and what is not to be shown of it.
  ///
  /// - Parameter folder: what relative paths are relative to.
  static func fill(
    _ config: JSONObject, folder: String, environment: (String) -> String?
  ) throws(Missing) -> (config: JSONObject, secrets: PluginSecrets) {
    var values: [String] = []
    let filled = try fill(.object(config), "config", folder, environment, &values)
    return (filled.object ?? config, PluginSecrets(values))
  }

  /// As above, with this host's environment.
  static func fill(_ manifest: PluginManifest) throws(Missing) -> (
    config: JSONObject, secrets: PluginSecrets
  ) {
    try fill(
      manifest.config, folder: manifest.folder,
      environment: { getenv($0).map { String(cString: $0) } })
  }

  private static func fill(
    _ value: JSONValue, _ path: String, _ folder: String, _ environment: (String) -> String?,
    _ values: inout [String]
  ) throws(Missing) -> JSONValue {
    if let (reference, _) = reference(value), let reference {
      let secret = try read(reference, path, folder, environment)
      values.append(secret)
      return .string(secret)
    }
    switch value {
    case .object(let object):
      var filled = JSONObject()
      for member in object.members {
        filled[member.name] = try fill(
          member.value, "\(path).\(member.name)", folder, environment, &values)
      }
      return .object(filled)
    case .array(let items):
      var filled: [JSONValue] = []
      for (index, item) in items.enumerated() {
        filled.append(try fill(item, "\(path)[\(index)]", folder, environment, &values))
      }
      return .array(filled)
    default:
      return value
    }
  }

  private static func read(
    _ reference: Reference, _ path: String, _ folder: String, _ environment: (String) -> String?
  ) throws(Missing) -> String {
    var secret: String
    switch reference {
    case .environment(let name):
      guard let value = environment(name) else {
        throw Missing(message: "\(path): the host has no variable \(name) in its environment")
      }
      secret = value
    case .file(let name):
      do throws(SystemError) {
        let file = name.hasPrefix("/") ? name : "\(folder)/\(name)"
        secret = String(decoding: try FileSystem.read(file, limit: fileBytesMax), as: UTF8.self)
      } catch {
        throw Missing(message: "\(path): its file can't be read: \(error)")
      }
      if secret.hasSuffix("\n") { secret.removeLast() }
    }
    guard secret.utf8.count >= bytesMin else {
      throw Missing(
        message: "\(path): a secret has at least \(bytesMin) bytes, or it can't be kept from view")
    }
    return secret
  }

  /// Nil where the value is no reference; a nil reference is a broken one, with why.
  private static func reference(_ value: JSONValue) -> (Reference?, problem: String)? {
    guard let object = value.object, object.members.count == 1, let from = object["valueFrom"]
    else { return nil }
    if let members = from.object?.members, members.count == 1, let text = members[0].value.string,
      !text.isEmpty
    {
      if members[0].name == "file" { return (.file(text), "") }
      if members[0].name == "env" { return (.environment(text), "") }
    }
    return (nil, "must be {file: PATH} or {env: NAME}")
  }

  /// References that are none; paths begin after `config`.
  static func problems(in config: JSONObject) -> [(path: String, message: String)] {
    func search(_ value: JSONValue, _ path: String) -> [(path: String, message: String)] {
      if let (found, problem) = reference(value) {
        return found == nil ? [("\(path).valueFrom", problem)] : []
      }
      let items = value.array?.enumerated().flatMap { search($1, "\(path)[\($0)]") } ?? []
      let members = value.object?.members.flatMap { search($0.value, "\(path).\($0.name)") } ?? []
      return items + members
    }
    return search(.object(config), "")
  }
}
