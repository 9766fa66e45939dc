public import JSON

/// A part of an expanded task, as its plugin planned it; stored before the first phase begins.
public struct TaskPhase: Sendable, Equatable {
  /// Unique within the task; empty where the type does not expand.
  public var name: String
  public var isRevertible: Bool
  /// What nobody else may hold from before the first phase to the end.
  public var exclusiveKeys: [String]
  /// From the moment at which it is reached, neither cancel nor rollback is possible.
  public var isPointOfNoReturn: Bool
  /// Intents that may be there afterwards and need room on their targets.
  public var adds: [IntentKey]

  public init(
    name: String, isRevertible: Bool, exclusiveKeys: [String] = [], isPointOfNoReturn: Bool = false,
    adds: [IntentKey] = []
  ) {
    self.name = name
    self.isRevertible = isRevertible
    self.exclusiveKeys = exclusiveKeys
    self.isPointOfNoReturn = isPointOfNoReturn
    self.adds = adds
  }
}

/// Who can undo what a task did.
public enum RevertMeans: String, Sendable, CaseIterable {
  /// The host: the task acts through intents, and those remember what was before.
  case host = "Host"
  /// Its plugin, by Revert.
  case plugin = "Plugin"
  case nobody = "Nobody"
}

/// What a task of a revert plan undoes.
public struct RevertedTask: Sendable, Equatable {
  /// In the plan that is reverted.
  public var index: Int
  /// Host or Plugin.
  public var means: RevertMeans

  public init(index: Int, means: RevertMeans) {
    self.index = index
    self.means = means
  }
}

extension TaskPhase: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    name = try reader.member("name")?.string() ?? ""
    isRevertible = try reader.member("revertible")?.bool() ?? false
    exclusiveKeys = try reader.strings("exclusiveKeys")
    isPointOfNoReturn = try reader.member("pointOfNoReturn")?.bool() ?? false
    adds = try reader.list("adds", of: IntentKey.self)
  }

  public var json: JSONValue {
    var object = JSONObject()
    object.set("name", name)
    object["revertible"] = .bool(isRevertible)
    object.set("exclusiveKeys", exclusiveKeys)
    if isPointOfNoReturn { object["pointOfNoReturn"] = true }
    object.set("adds", adds)
    return .object(object)
  }
}

extension RevertedTask: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    index = Int(try reader.required("index").integer())
    means = try reader.required("by").choice(RevertMeans.self)
  }

  public var json: JSONValue {
    ["index": .integer(Int64(index)), "by": .string(means.rawValue)]
  }
}
