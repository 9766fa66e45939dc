import JSON
import PluginSDK

/// A task that a sidecar's agent carries out.
///
/// The agent keeps tasks by id, so everything here may be repeated: the id is the idempotency key
/// (task id, attempt), and what an agent answered once it answers again.
protocol SidecarTask: ExternalTask where Params: SidecarParams {
  var http: HTTPClient { get }
  /// What the agent is asked to do, beside where.
  func agentParams(_ params: Params) -> JSONObject
  /// Nil where the agent's outputs are not what its API says.
  func outputs(_ json: JSONValue) -> Outputs?
}

/// Params that say which agent is meant.
protocol SidecarParams {
  /// `http://ADDRESS:PORT`
  var url: String { get }
}

/// Limits of the conversation with an agent.
enum SidecarLimits {
  /// A task that ends within this is complete in the first answer.
  static let submitWaitMS = 200
  /// How long one question waits for the end of a task.
  static let longPollMS = 20_000
  /// From one failed question to the next.
  static let firstPause = Duration.milliseconds(50)
  static let longestPause = Duration.seconds(2)
  /// Questions in a row without an answer until the agent counts as lost.
  static let failureLimit = 60
}

extension SidecarTask {
  static var version: String { "1.0.0" }
  static var isIdempotent: Bool { true }

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    let conversation = AgentConversation(self, params, context)
    let state: AgentClient.TaskState
    do throws(AgentClient.Problem) {
      state = try await conversation.submit()
    } catch {
      switch error {
      case .notAccepted(let message):
        throw TaskRefusal(.unavailable, reason: "SidecarUnavailable", message: message)
      case .unknown:
        // Only asking again tells, and asking again does no harm.
        return conversation.following
      case .refused(_, let reason, let message):
        throw TaskFailure.terminal(reason, message)
      }
    }
    return try conversation.outcome(of: state)
  }

  /// An agent that can't be asked is asked until it answers: the task is then as good as running.
  func recover(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs> {
    let conversation = AgentConversation(self, params, context)
    let state: AgentClient.TaskState?
    do throws(AgentClient.Problem) {
      state = try await conversation.ask(waitMS: 0)
    } catch {
      guard case .refused(_, let reason, let message) = error else {
        return .finished(conversation.following)
      }
      throw TaskFailure.terminal(reason, message)
    }
    guard let state else { return .notStarted }
    return .finished(try conversation.outcome(of: state))
  }
}
