import JSON
import Testing

@testable import LocalDriver

@Suite("What a container runs")
struct ContainerCommandTests {
  @Test(
    "variables are expanded as Kubernetes does it",
    arguments: [
      ("--bind $(POD_IP)", "--bind 127.77.0.1"), ("$(NONE)", "$(NONE)"),
      ("$$(POD_IP)", "$(POD_IP)"),
      ("$$$(POD_IP)", "$127.77.0.1"), ("$", "$"), ("$$", "$"), ("a$b", "a$b"),
      ("$(POD_IP", "$(POD_IP"),
      ("$()", "$()"), ("$(POD_IP)$(POD_IP)", "127.77.0.1127.77.0.1"),
    ])
  func expansion(_ text: String, _ expected: String) {
    #expect(ContainerCommand.expand(text, ["POD_IP": "127.77.0.1"]) == expected)
  }

  @Test("the environment is clean but for the pod's own and the given variables, in their order")
  func environment() throws {
    let template = PodMachineTests.template([
      "containers": [
        [
          "name": "main", "image": "redis:7", "args": ["$(SECOND)", "$(DATA_DIR)"],
          "env": [
            ["name": "FIRST", "value": "$(POD_NAME)"], ["name": "SECOND", "value": "$(FIRST)-2"],
          ],
        ]
      ]
    ])
    let name = ObjectName(namespace: "default", name: "redis-0")
    let record = PodRecord(
      name: name, uid: "u", set: ObjectName(namespace: "default", name: "redis"), ordinal: 0,
      revision: "r", address: "127.77.0.1", templateDocument: .null, template: template,
      volumes: [.init(name: "data", claim: name, path: "/volumes/data")], containers: [])
    let command = ContainerCommand(
      template.containers[0], of: record, shared: "/shared", image: "/images/redis/7")
    #expect(command.executable == "/images/redis/7")
    #expect(command.arguments == ["/images/redis/7", "redis-0-2", "/volumes/data"])
    #expect(command.workingDirectory == "/volumes/data")
    #expect(
      Set(command.environment.keys) == [
        "PATH", "POD_NAME", "POD_NAMESPACE", "POD_IP", "POD_UID", "POD_REVISION", "CONTAINER_NAME",
        "SHARED_DIR", "DATA_DIR", "FIRST", "SECOND",
      ])
    #expect(command.environment["DATA_DIR"] == "/volumes/data")
  }

  @Test(
    "a probe passes on 200 to 399",
    arguments: [
      ("HTTP/1.1 200 OK\r\n", true), ("HTTP/1.0 399 x\r\n", true), ("HTTP/1.1 400 Bad\r\n", false),
      ("HTTP/1.1 503 no\r\n", false), ("", false), ("HTTP/1.1\r\n", false),
      ("SSH-2.0 200\r\n", false),
      ("HTTP/1.1 2000 x\r\n", false),
    ])
  func probeAnswers(_ line: String, _ passes: Bool) {
    #expect(Probe.isSuccess(Array(line.utf8)) == passes)
  }
}

@Suite("What a proxy does")
struct ProxyMachineTests {
  static func state(_ endpoints: [String], port: Int = 80) -> ProxyState {
    ProxyState(address: "127.76.0.1", port: port, endpoints: endpoints.compactMap { Endpoint($0) })
  }

  @Test("it listens while there are endpoints and drops connections to those that are gone")
  func follows() throws {
    let place = Endpoint(address: "127.76.0.1", port: 80)
    let one = try #require(Endpoint("127.77.0.1:1"))
    var machine = ProxyMachine()
    #expect(machine.take(Self.state([])) == [])
    #expect(machine.take(Self.state(["127.77.0.1:1"])) == [.listen(place)])
    #expect(machine.take(Self.state(["127.77.0.1:1", "127.77.0.2:1"])) == [])
    #expect(machine.take(Self.state(["127.77.0.2:1"])) == [.drop(one)])
    #expect(
      machine.take(Self.state(["127.77.0.2:1"], port: 81))
        == [.stopListening, .listen(Endpoint(address: "127.76.0.1", port: 81))])
    #expect(machine.take(Self.state([])).first == .stopListening)
    #expect(machine.nextEndpoint() == nil)
  }

  @Test("endpoints take turns")
  func turns() {
    var machine = ProxyMachine()
    _ = machine.take(Self.state(["127.77.0.1:1", "127.77.0.2:1"]))
    let chosen = (0..<4).compactMap { _ in machine.nextEndpoint()?.address }
    #expect(chosen == ["127.77.0.2", "127.77.0.1", "127.77.0.2", "127.77.0.1"])
  }

  @Test("a listen that failed is asked for again")
  func listenFailed() {
    var machine = ProxyMachine()
    let place = Endpoint(address: "127.76.0.1", port: 80)
    #expect(machine.take(Self.state(["127.77.0.1:1"])) == [.listen(place)])
    machine.listenFailed()
    #expect(machine.take(Self.state(["127.77.0.1:1"])) == [.listen(place)])
  }

  @Test("states and statuses are read back as they were written")
  func documents() {
    let state = Self.state(["127.77.0.1:1"])
    let status = ProxyStatus(pid: 7, state: state, isListening: true, problem: "x")
    #expect(ProxyState(state.document) == state)
    #expect(ProxyStatus(status.document) == status)
    #expect(ProxyState(["address": "a", "port": 80, "endpoints": ["nowhere"]]) == nil)
  }
}
