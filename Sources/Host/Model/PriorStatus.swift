public import JSON

/// What of a resource's status a plan may change, as it was before: comes back when the plan is undone.
public struct PriorStatus: Sendable, Equatable {
  public var phase: String
  /// What outputs were mapped to.
  public var fields: JSONObject

  public init(phase: String, fields: JSONObject) {
    self.phase = phase
    self.fields = fields
  }
}

extension PriorStatus: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    phase = try reader.member("phase")?.string() ?? ""
    fields = try reader.member("fields")?.object() ?? JSONObject()
  }

  public var json: JSONValue {
    var object = JSONObject()
    object.set("phase", phase)
    object["fields"] = .object(fields)
    return .object(object)
  }
}
