import JSON
import TestPlaces
import Testing

@testable import SidecarAgent

/// Requests straight into the API, with no worker behind it: what is accepted stays running.
@Suite("The agent's API")
struct AgentAPITests {
  private let pod: TemporaryDirectory
  private let api: AgentAPI

  init() throws {
    pod = TemporaryDirectory()
    api = try Self.api(in: pod)
  }

  private static func api(
    in pod: TemporaryDirectory, limits: TaskBoard.Limits = TaskBoard.Limits()
  ) throws -> AgentAPI {
    var environment = AgentSettingsTests.usual
    environment["STATE_DIR"] = pod.path
    let directory = try StateDirectory(path: pod.path)
    return AgentAPI(
      settings: try AgentSettings { environment[$0] },
      board: try TaskBoard(directory: directory, limits: limits),
      readiness: try Readiness(path: directory.readiness))
  }

  private func post(_ body: String, type: String? = "application/json") -> HTTPResponse {
    api.answer(
      HTTPRequest(
        method: "POST", path: "/v0/tasks", contentType: type, body: Array(body.utf8)))
  }

  private func reason(_ response: HTTPResponse) -> String? {
    response.json["error"]?["reason"]?.string
  }

  struct BadRequest: Sendable {
    var body: String
    var reason: String
    var named: String

    init(_ body: String, _ reason: String, naming named: String) {
      (self.body, self.reason, self.named) = (body, reason, named)
    }
  }

  @Test(
    "a bad task is refused with 400, naming what is wrong",
    arguments: [
      BadRequest("{", "BadJSON", naming: "line 1"),
      BadRequest("[]", "InvalidTask", naming: "object"),
      BadRequest(#"{"type":"mark-ready"}"#, "InvalidTask", naming: "id"),
      BadRequest(#"{"id":"../x","type":"mark-ready"}"#, "InvalidTask", naming: "id"),
      BadRequest(#"{"id":".x","type":"mark-ready"}"#, "InvalidTask", naming: "id"),
      BadRequest(#"{"id":7,"type":"mark-ready"}"#, "InvalidTask", naming: "id"),
      BadRequest(#"{"id":"a","type":"reboot"}"#, "UnknownType", naming: "mark-ready"),
      BadRequest(#"{"id":"a","type":"mark-ready","x":1}"#, "InvalidTask", naming: "'x'"),
      BadRequest(
        #"{"id":"a","type":"mark-ready","params":{"x":1}}"#, "InvalidParams", naming: "'x'"),
      BadRequest(#"{"id":"a","type":"mark-ready","params":1}"#, "InvalidParams", naming: "params"),
      BadRequest(#"{"id":"a","type":"config-apply"}"#, "InvalidParams", naming: "params.config"),
      BadRequest(
        #"{"id":"a","type":"config-apply","params":{"config":{"x":[]}}}"#, "InvalidParams",
        naming: "params.config.x"),
    ])
  func badTask(_ request: BadRequest) {
    let response = post(request.body)
    #expect(response.status == 400)
    #expect(reason(response) == request.reason)
    #expect(response.json["error"]?["message"]?.string?.contains(request.named) == true)
  }

  @Test("only JSON is taken")
  func mediaType() {
    let task = #"{"id":"a","type":"mark-ready"}"#
    for type in [nil, "text/plain", "application/x-www-form-urlencoded"] {
      #expect(post(task, type: type).status == 415)
    }
    #expect(post(task, type: "Application/JSON; charset=utf-8").status == 202)
  }

  @Test("unknown paths, methods and waits are refused")
  func routes() {
    func answer(_ method: String, _ path: String, waitMS: String? = nil) -> HTTPResponse {
      api.answer(HTTPRequest(method: method, path: path, waitMS: waitMS, body: []))
    }
    #expect(answer("GET", "/").status == 404)
    #expect(answer("GET", "/v0/tasks/nobody").status == 404)
    #expect(answer("GET", "/v0/tasks").status == 405)
    #expect(answer("GET", "/v0/tasks").headers["Allow"] == "POST")
    #expect(answer("POST", "/v0/healthz").status == 405)
    #expect(answer("DELETE", "/v0/tasks/a").status == 405)
    #expect(reason(answer("GET", "/v0/tasks/a", waitMS: "-1")) == "BadWait")
    #expect(reason(answer("GET", "/v0/tasks/a", waitMS: "30001")) == "BadWait")
    #expect(answer("GET", "/v0/healthz").status == 200)
    #expect(answer("GET", "/v0/startz").status == 503)
    #expect(answer("GET", "/v0/readyz").status == 503)
  }

  @Test("an id names one content: the same joins, other content conflicts")
  func ids() {
    #expect(post(#"{"id":"a","type":"config-apply","params":{"config":{"x":1}}}"#).status == 202)
    #expect(post(#"{"params":{"config":{"x":1}},"type":"config-apply","id":"a"}"#).status == 202)
    let conflict = post(#"{"id":"a","type":"config-apply","params":{"config":{"x":2}}}"#)
    #expect(conflict.status == 409)
    #expect(reason(conflict) == "IDConflict")
    #expect(post(#"{"id":"a","type":"mark-ready"}"#).status == 409)
  }

  @Test("a wait ends when its time is over")
  func wait() {
    _ = post(#"{"id":"a","type":"mark-ready"}"#)
    let response = api.answer(
      HTTPRequest(method: "GET", path: "/v0/tasks/a", waitMS: "1", body: []))
    #expect(response.status == 202)
    #expect(response.json["state"] == "Running")
  }

  @Test("beyond its limits the agent accepts nothing and says when to come again")
  func limits() throws {
    let pod = TemporaryDirectory()
    let api = try Self.api(in: pod, limits: TaskBoard.Limits(records: 3, running: 1, waiters: 0))
    func submit(_ id: String) -> HTTPResponse {
      api.answer(
        HTTPRequest(
          method: "POST", path: "/v0/tasks", contentType: "application/json",
          body: Array(#"{"id":"\#(id)","type":"mark-ready"}"#.utf8)))
    }
    #expect(submit("a").status == 202)
    #expect(submit("b").status == 503)
    #expect(submit("b").headers["Retry-After"] == "1")
    #expect(api.board.record(id: "b") == nil)
    let waiting = HTTPRequest(method: "GET", path: "/v0/tasks/a", waitMS: "1000", body: [])
    #expect(api.answer(waiting).status == 503)
    for id in ["a", "c", "d", "e"] {
      if id != "a" { #expect(submit(id).status == 202) }
      var record = try #require(api.board.next())
      record.state = .complete(outputs: JSONObject())
      try api.board.finish(record)
    }
    #expect(api.board.record(id: "a") == nil, "the oldest ended record makes room")
    #expect(api.board.record(id: "c") != nil)
    let reopened = try Self.api(in: pod)
    #expect(reopened.board.record(id: "a") == nil)
    #expect(reopened.board.record(id: "e")?.isTerminal == true)
  }
}
