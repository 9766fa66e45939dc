public import JSON

/// The plugin's log: one JSON object a line on stderr, which the host keeps and tags.
public struct PluginLog: Sendable {
  /// How much a line matters.
  public enum Level: String, Sendable {
    /// For whoever develops the plugin.
    case debug
    /// For whoever wants to know what happened.
    case info
    /// Somebody else's input or environment is wrong.
    case error
    /// The plugin is wrong.
    case fault
  }

  private let fields: JSONObject
  private let write: @Sendable ([UInt8]) -> Void

  /// - Parameter write: takes whole lines, each with its newline; by default they go to stderr.
  public init(write: @escaping @Sendable ([UInt8]) -> Void = PluginLog.writeToStandardError) {
    self.init(fields: JSONObject(), write: write)
  }

  private init(fields: JSONObject, write: @escaping @Sendable ([UInt8]) -> Void) {
    self.fields = fields
    self.write = write
  }

  /// The same log with further fields on each line.
  public func tagged(_ fields: KeyValuePairs<String, JSONValue>) -> PluginLog {
    var all = self.fields
    for (name, value) in fields { all[name] = value }
    return PluginLog(fields: all, write: write)
  }

  /// For whoever looks for a defect in the plugin.
  public func debug(_ message: String, _ fields: KeyValuePairs<String, JSONValue> = [:]) {
    log(.debug, message, fields)
  }

  /// What happened, as an operator follows it.
  public func info(_ message: String, _ fields: KeyValuePairs<String, JSONValue> = [:]) {
    log(.info, message, fields)
  }

  /// Something failed because of what came from outside.
  public func error(_ message: String, _ fields: KeyValuePairs<String, JSONValue> = [:]) {
    log(.error, message, fields)
  }

  /// Something failed that is a defect of the plugin.
  public func fault(_ message: String, _ fields: KeyValuePairs<String, JSONValue> = [:]) {
    log(.fault, message, fields)
  }

  private func log(
    _ level: Level, _ message: String, _ fields: KeyValuePairs<String, JSONValue>
  ) {
    var line = JSONObject([("level", .string(level.rawValue)), ("msg", .string(message))])
    for member in self.fields.members { line[member.name] = member.value }
    for (name, value) in fields { line[name] = value }
    var bytes = JSONValue.object(line).serialized()
    bytes.append(UInt8(ascii: "\n"))
    write(bytes)
  }
}
