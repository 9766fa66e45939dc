import JSON

/// What the agent remembers of a task: what was asked, and how it ended.
struct TaskRecord: Sendable, Equatable {
  /// Legal transitions: running → complete, running → failed; both ends are final.
  enum State: Sendable, Equatable {
    case running
    case complete(outputs: JSONObject)
    case failed(TaskProblem)
  }

  let id: String
  let type: SidecarTaskType
  let params: JSONObject
  /// The place in the order of submission: what was running resumes in it.
  let sequence: Int64
  /// Set before a config-apply writes: the hash of the file that was there ("" = none), so that
  /// a resumed task tells the same `changed` as one that nothing interrupted.
  var priorHash: String?
  var state: State

  init(submission: TaskSubmission, sequence: Int64) {
    id = submission.id
    type = submission.type
    params = submission.params
    self.sequence = sequence
    state = .running
  }

  var isTerminal: Bool { state != .running }

  func isSame(as submission: TaskSubmission) -> Bool {
    type == submission.type && params == submission.params
  }
}

/// Why accepted work failed.
struct TaskProblem: Error, Sendable, Equatable {
  /// CamelCase, stable.
  var reason: String
  var message: String
  /// The same task may succeed under another id.
  var isTransient = false
}

extension TaskRecord {
  /// What a client sees.
  var json: JSONObject {
    var result = JSONObject([
      ("id", .string(id)), ("type", .string(type.rawValue)), ("params", .object(params)),
    ])
    for member in state.json.members { result[member.name] = member.value }
    return result
  }

  /// What the state directory holds.
  var stored: JSONObject {
    var result = json
    result["sequence"] = .integer(sequence)
    result["priorHash"] = priorHash.map { .string($0) }
    return result
  }

  /// Nil where `stored` is not what this type wrote.
  init?(stored: JSONValue) {
    guard let id = stored["id"]?.string, TaskSubmission.isValid(id: id),
      let type = stored["type"]?.string.flatMap(SidecarTaskType.init),
      let params = stored["params"]?.object, let sequence = stored["sequence"]?.integer,
      let state = State(stored: stored)
    else { return nil }
    self.id = id
    self.type = type
    self.params = params
    self.sequence = sequence
    self.state = state
    priorHash = stored["priorHash"]?.string
  }
}

extension TaskRecord.State {
  /// `state` with `outputs` or `error`.
  var json: JSONObject {
    switch self {
    case .running:
      return JSONObject([("state", "Running")])
    case .complete(let outputs):
      return JSONObject([("state", "Complete"), ("outputs", .object(outputs))])
    case .failed(let problem):
      let error: JSONValue = [
        "reason": .string(problem.reason), "message": .string(problem.message),
        "transient": .bool(problem.isTransient),
      ]
      return JSONObject([("state", "Failed"), ("error", error)])
    }
  }

  /// Nil where `stored` has no state that this type wrote.
  init?(stored: JSONValue) {
    switch stored["state"]?.string {
    case "Running":
      self = .running
    case "Complete":
      guard let outputs = stored["outputs"]?.object else { return nil }
      self = .complete(outputs: outputs)
    case "Failed":
      guard let error = stored["error"], let reason = error["reason"]?.string,
        let message = error["message"]?.string, let isTransient = error["transient"]?.bool
      else { return nil }
      self = .failed(TaskProblem(reason: reason, message: message, isTransient: isTransient))
    default:
      return nil
    }
  }
}
