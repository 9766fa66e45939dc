internal import JSON
public import Model
internal import PluginProto

/// What a task type's params and outputs are held against: read once, when its plugin introduces
/// itself, and not at each delivery.
public struct TaskTypeSchemas: Sendable {
  /// Nil where the type declares none, or one that is none: then nothing is checked against it.
  public let params: Schema?
  public let outputs: Schema?

  /// By type.
  static func all(of description: PluginV1.DescribeReply) -> [String: TaskTypeSchemas] {
    let pairs = description.taskTypes.map { type in
      (
        type.type,
        TaskTypeSchemas(params: read(type.paramsSchema), outputs: read(type.outputsSchema))
      )
    }
    return Dictionary(pairs) { first, _ in first }
  }

  private static func read(_ field: [UInt8]) -> Schema? {
    guard !field.isEmpty, let json = try? JSONValue(parsing: field) else { return nil }
    return try? Schema(json)
  }
}
