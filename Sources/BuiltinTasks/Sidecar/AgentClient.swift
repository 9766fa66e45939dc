import JSON

/// A sidecar's agent as its API documents it: submit a task by id, ask for it by id.
struct AgentClient: Sendable {
  /// How the task is.
  enum TaskState: Sendable, Equatable {
    case running
    case complete(outputs: JSONValue)
    case failed(reason: String, message: String, isTransient: Bool)
  }

  /// Why there is no state to tell.
  enum Problem: Error, Equatable {
    /// Nothing was done: the connection was refused, or the agent said so (503).
    case notAccepted(String)
    /// The request may have been acted on; only asking again tells.
    case unknown(String)
    /// The agent answered with another error: its reason and message.
    case refused(status: Int, reason: String, message: String)
  }

  /// What an answer may take beyond the time that the agent is asked to wait.
  static let answerTimeoutMS = 5_000

  let http: HTTPClient
  /// `http://ADDRESS:PORT`
  let url: String

  /// Submits a task; submitting the same again is the same as asking for it.
  func submit(
    id: String, type: String, params: JSONObject, waitMS: Int
  ) async throws(Problem) -> TaskState {
    let task: JSONValue = [
      "id": .string(id), "type": .string(type), "params": .object(params),
    ]
    return try state(
      await answer(
        HTTPRequest(
          method: "POST", url: "\(url)/v0/tasks?wait_ms=\(waitMS)", body: task.serialized(),
          timeoutMS: waitMS + Self.answerTimeoutMS)))
  }

  /// The task's state, at once when it ended, else when the time is over; nil for an unknown id.
  func task(id: String, waitMS: Int) async throws(Problem) -> TaskState? {
    do throws(Problem) {
      return try state(
        await answer(
          HTTPRequest(
            method: "GET", url: "\(url)/v0/tasks/\(id)?wait_ms=\(waitMS)",
            timeoutMS: waitMS + Self.answerTimeoutMS)))
    } catch .refused(status: 404, reason: "NotFound", _) {
      return nil
    }
  }

  private func answer(_ request: HTTPRequest) async throws(Problem) -> HTTPResponse {
    do throws(HTTPFailure) {
      return try await http.send(request)
    } catch {
      throw error.mayHaveBeenReceived ? .unknown(error.message) : .notAccepted(error.message)
    }
  }

  private func state(_ response: HTTPResponse) throws(Problem) -> TaskState {
    guard let json = try? JSONValue(parsing: response.body) else {
      throw .refused(
        status: response.status, reason: "ProtocolError", message: "\(url) answers no JSON")
    }
    guard response.status == 200 || response.status == 202 else {
      let message = json["error"]?["message"]?.string ?? "status \(response.status)"
      if response.status == 503 { throw .notAccepted("\(url): \(message)") }
      throw .refused(
        status: response.status, reason: json["error"]?["reason"]?.string ?? "ProtocolError",
        message: "\(url): \(message)")
    }
    switch json["state"]?.string {
    case "Running": return .running
    case "Complete": return .complete(outputs: json["outputs"] ?? [:])
    case "Failed":
      let error = json["error"]
      return .failed(
        reason: error?["reason"]?.string ?? "SidecarFailed",
        message: error?["message"]?.string ?? "the sidecar gave no reason",
        isTransient: error?["transient"]?.bool ?? false)
    default:
      throw .refused(
        status: response.status, reason: "ProtocolError", message: "\(url) answers no task")
    }
  }
}
