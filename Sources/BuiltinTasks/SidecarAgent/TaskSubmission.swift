import JSON

/// A task as a client asks for it: the id makes asking twice the same as asking once.
struct TaskSubmission: Sendable, Equatable {
  static let idLengthLimit = 128

  let id: String
  let type: SidecarTaskType
  /// Without members that say nothing: absent and empty are one.
  let params: JSONObject

  /// - Throws: `APIError` 400, naming the member that is wrong.
  init(json: JSONValue, settings: AgentSettings) throws(APIError) {
    guard let members = json.object else {
      throw .badRequest("InvalidTask", "expected an object with id, type and params")
    }
    for name in members.names where !["id", "type", "params"].contains(name) {
      throw .badRequest("InvalidTask", "unknown member '\(name)'; known are id, type, params")
    }
    guard let id = members["id"]?.string, Self.isValid(id: id) else {
      throw .badRequest(
        "InvalidTask",
        "id: expected 1 to \(Self.idLengthLimit) letters, digits, '.', '_', '-', not '.' first")
    }
    guard let name = members["type"]?.string, let type = SidecarTaskType(rawValue: name) else {
      let known = SidecarTaskType.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badRequest("UnknownType", "type: expected one of \(known)")
    }
    let params = members["params"] ?? .object(JSONObject())
    guard case .object(let params) = params else {
      throw .badRequest("InvalidParams", "params: expected an object")
    }
    try Self.check(params, of: type, settings)
    (self.id, self.type, self.params) = (id, type, params)
  }

  /// Ids name files, so they hold nothing that a path could mistake.
  static func isValid(id: String) -> Bool {
    let bytes = id.utf8
    guard (1...idLengthLimit).contains(bytes.count), bytes.first != UInt8(ascii: ".") else {
      return false
    }
    return bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  private static func check(
    _ params: JSONObject, of type: SidecarTaskType, _ settings: AgentSettings
  ) throws(APIError) {
    let known = type == .configApply ? ["config"] : []
    for name in params.names where !known.contains(name) {
      throw .badRequest("InvalidParams", "params: \(type.rawValue) knows no member '\(name)'")
    }
    if type == .configApply || type == .configValidate, settings.configFile == nil {
      throw .badRequest("NotConfigured", "\(type.rawValue): CONFIG_FILE is not set for this agent")
    }
    if type == .configValidate, settings.validateCommand == nil {
      throw .badRequest(
        "NotConfigured", "config-validate: VALIDATE_COMMAND is not set for this agent")
    }
    guard type == .configApply else { return }
    guard let config = params["config"]?.object else {
      throw .badRequest("InvalidParams", "params.config: expected an object")
    }
    do throws(ConfigProblem) {
      _ = try settings.configFormat.render(config)
    } catch {
      throw .badRequest("InvalidParams", "params.\(error.path): \(error.message)")
    }
  }
}
