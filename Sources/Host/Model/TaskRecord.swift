public import JSON

/// A task of a plan that ended, as far as its log is to be found later.
public struct TaskRecord: Sendable, Equatable {
  public var name: String
  public var type: String
  public var id: String
  /// `name@version` of what carried it out.
  public var plugin: String

  public init(name: String, type: String, id: String, plugin: String) {
    self.name = name
    self.type = type
    self.id = id
    self.plugin = plugin
  }

  /// Whether a person who says this means the task: by its name, or by its type.
  public func isMeant(by text: String) -> Bool { text == name || text == type }

  /// Nil for a task that was never given to a plugin.
  public init?(_ task: PlannedTask) {
    guard !task.plugin.isEmpty, task.state != .pending else { return nil }
    self.init(name: task.name, type: task.type, id: task.id, plugin: task.plugin)
  }
}

extension TaskRecord: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    name = try reader.required("name").string()
    type = try reader.member("type")?.string() ?? name
    id = try reader.required("id").string()
    plugin = try reader.required("plugin").string()
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("name", name)
    if type != name { object.put("type", type) }
    object.put("id", id)
    object.put("plugin", plugin)
  }
}
