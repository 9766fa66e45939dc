public import JSON

/// How the forward work of a TaskRun stands.
///
/// Pending → Running → Complete, Failed or Cancelled; the last three are final for a run, whatever its
/// revert leads to. Another run begins at Pending.
public enum TaskRunState: String, Sendable, CaseIterable {
  case pending = "Pending"
  case running = "Running"
  case complete = "Complete"
  case failed = "Failed"
  case cancelled = "Cancelled"

  public var isEnded: Bool { self != .pending && self != .running }
}

/// What became of a TaskRun, beside plan and revert: its part of the resource's status.
public struct TaskRunStatus: Sendable, Equatable {
  public var state: TaskRunState
  /// The run that all of this is about.
  public var run: Int64
  /// When forward work and revert were over.
  public var finishedAt: Timestamp?
  /// Why it failed; else empty.
  public var message: String

  public init(run: Int64) {
    state = .pending
    self.run = run
    message = ""
  }
}

extension TaskRunStatus: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    state = try reader.required("state").choice(TaskRunState.self)
    run = try reader.required("run").integer()
    finishedAt = try reader.member("finishedAt")?.timestamp()
    message = try reader.member("message")?.string() ?? ""
  }

  public var json: JSONValue {
    var object = JSONObject()
    object["state"] = .string(state.rawValue)
    object.set("run", run)
    object.set("message", message)
    object.set("finishedAt", finishedAt)
    return .object(object)
  }
}

extension ResourceStatus {
  /// Of a TaskRun; nil before its first pass.
  ///
  /// - Throws: `MappingError` where the store holds something else.
  public func taskRun() throws(MappingError) -> TaskRunStatus? {
    guard fields["state"] != nil else { return nil }
    return try TaskRunStatus(JSONReader(.object(fields), path: "status"))
  }

  /// Takes over what became of a TaskRun; its phase says the same in one word.
  public mutating func setTaskRun(_ run: TaskRunStatus) {
    fields = run.json.object ?? fields
    let isReverting = revert.map { !$0.state.isEnded } ?? false
    phase = isReverting ? "Reverting" : run.state.rawValue
  }

  /// Nothing of a run goes on, and none of it is bound to begin.
  public func isOver(_ run: TaskRunStatus) -> Bool {
    run.state.isEnded && plan == nil && revert?.state.isEnded ?? true
  }
}

extension Resource {
  /// The state of a TaskRun for people, as in a conflict: "Failed, its revert is Running".
  public var runWords: String {
    let state = (try? status.taskRun())?.state ?? .pending
    guard let revert = status.revert else { return state.rawValue }
    return "\(state.rawValue), its revert is \(revert.state.rawValue)"
  }
}
