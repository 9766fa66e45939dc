import JSON

/// The agent's HTTP API, as docs/sidecar-api.yaml describes it: from request to answer.
struct AgentAPI: Sendable {
  /// The longest that a request may wait for a task's end.
  static let waitLimitMS = 30_000

  let settings: AgentSettings
  let board: TaskBoard
  let readiness: Readiness

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    do throws(APIError) {
      return try route(request)
    } catch {
      return error.response
    }
  }

  private func route(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
    switch request.path {
    case "/v0/healthz":
      try allow("GET", request)
      return HTTPResponse(status: 200, json: ["status": "ok"])
    case "/v0/startz":
      try allow("GET", request)
      return probe(readiness.current.started, "started")
    case "/v0/readyz":
      try allow("GET", request)
      return probe(readiness.current.ready, "ready")
    case "/v0/tasks":
      try allow("POST", request)
      return try submit(request)
    case let path where path.hasPrefix("/v0/tasks/"):
      try allow("GET", request)
      let id = String(path.dropFirst("/v0/tasks/".count))
      return answer(try board.wait(id: id, milliseconds: waitMS(request)))
    default:
      throw APIError(status: 404, reason: "NotFound", message: "no resource '\(request.path)'")
    }
  }

  private func submit(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
    let milliseconds = try waitMS(request)
    let mediaType = request.contentType?.split(separator: ";").first?.lowercased()
    guard mediaType?.filter({ $0 != " " }) == "application/json" else {
      throw APIError(
        status: 415, reason: "UnsupportedMediaType",
        message: "Content-Type: expected application/json, got '\(request.contentType ?? "none")'")
    }
    let json: JSONValue
    do throws(JSONParseError) { json = try JSONValue(parsing: request.body) } catch {
      throw .badRequest("BadJSON", "the body is no JSON: \(error)")
    }
    let record = try board.submit(TaskSubmission(json: json, settings: settings))
    if record.isTerminal || milliseconds == 0 { return answer(record) }
    return answer(try board.wait(id: record.id, milliseconds: milliseconds))
  }

  private func answer(_ record: TaskRecord) -> HTTPResponse {
    HTTPResponse(status: record.isTerminal ? 200 : 202, json: .object(record.json))
  }

  private func probe(_ holds: Bool, _ name: String) -> HTTPResponse {
    HTTPResponse(status: holds ? 200 : 503, json: .object(JSONObject([(name, .bool(holds))])))
  }

  private func waitMS(_ request: HTTPRequest) throws(APIError) -> Int {
    guard let text = request.waitMS else { return 0 }
    guard let value = Int(text), (0...Self.waitLimitMS).contains(value) else {
      throw .badRequest("BadWait", "wait_ms: expected 0 to \(Self.waitLimitMS), got '\(text)'")
    }
    return value
  }

  private func allow(_ method: String, _ request: HTTPRequest) throws(APIError) {
    guard request.method != method else { return }
    throw APIError(
      status: 405, reason: "MethodNotAllowed",
      message: "\(request.path) answers \(method) only", headers: ["Allow": method])
  }
}
