import JSON
import PluginSDK

/// One attempt of one task, from its submission to its end: polled, never fire-and-forget.
struct AgentConversation<Kind: SidecarTask>: Sendable {
  private let task: Kind
  private let params: JSONObject
  private let client: AgentClient
  private let id: String

  init(_ task: Kind, _ params: Kind.Params, _ context: TaskContext) {
    self.task = task
    self.params = task.agentParams(params)
    client = AgentClient(http: task.http, url: params.url)
    id = "\(context.taskID).\(context.attempt)"
  }

  func submit() async throws(AgentClient.Problem) -> AgentClient.TaskState {
    try await client.submit(
      id: id, type: Kind.name, params: params, waitMS: SidecarLimits.submitWaitMS)
  }

  /// Nil where the agent knows no such task.
  func ask(waitMS: Int) async throws(AgentClient.Problem) -> AgentClient.TaskState? {
    try await client.task(id: id, waitMS: waitMS)
  }

  /// What a state means to the host.
  func outcome(of state: AgentClient.TaskState) throws(TaskFailure) -> TaskOutcome<Kind.Outputs> {
    switch state {
    case .running:
      return following
    case .complete(let json):
      guard let outputs = task.outputs(json) else {
        throw .terminal("ProtocolError", "\(client.url) completed \(Kind.name) with \(json)")
      }
      return .complete(outputs)
    case .failed(let reason, let message, let isTransient):
      throw TaskFailure(reason: reason, message: message, isTransient: isTransient)
    }
  }

  /// The task goes on in the agent; its end is pushed to the host.
  var following: TaskOutcome<Kind.Outputs> {
    .running(work: { try await follow() })
  }

  /// Asks until the task ended. An agent that no longer knows it, because its pod was replaced or
  /// the submission was lost, gets it again: a task's promise is to the pod that is there.
  private func follow() async throws -> TaskOutcome<Kind.Outputs> {
    var failures = 0
    var pause = SidecarLimits.firstPause
    while true {
      let state: AgentClient.TaskState
      do throws(AgentClient.Problem) {
        state = try await askOrSubmit()
        (failures, pause) = (0, SidecarLimits.firstPause)
      } catch {
        if case .refused(_, let reason, let message) = error {
          throw TaskFailure.terminal(reason, message)
        }
        failures += 1
        guard failures < SidecarLimits.failureLimit else {
          throw TaskFailure.transient("SidecarLost", "\(failures) questions in a row: \(error)")
        }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, SidecarLimits.longestPause)
        continue
      }
      if state != .running { return try outcome(of: state) }
      try Task.checkCancellation()
    }
  }

  private func askOrSubmit() async throws(AgentClient.Problem) -> AgentClient.TaskState {
    if let state = try await ask(waitMS: SidecarLimits.longPollMS) { return state }
    return try await submit()
  }
}
