import JSON
import LinuxSystem
import PluginProto
import Testing

/// The host dies by `kill -9` between each pair of a rollout's steps; the end is always the
/// uninterrupted run's, and what happens once has happened once.
@Suite("Crashes of rollouts", .serialized, .timeLimit(.minutes(10)))
struct RolloutCrashTests {
  /// In the order in which a rollout reaches them: four children, two at once, of which the third fails;
  /// then all of them, and their end, the last one first.
  static let failpoints = [
    "attempt-begun.1", "turn-begun.0", "turn-begun.1", "child-settled.0", "turn-begun.2",
    "child-settled.2", "attempt-ended.1", "announced.1", "attempt-begun.2", "attempt-ended.2",
    "announced.2", "child-leaving.3", "child-leaving.0",
  ]

  static let plugin = """
    name: files
    version: 1.0.0
    executable: files-plugin
    """

  static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: leaflets}
    spec:
      kind: Leaflet
      target: local
      schema:
        type: object
        properties: {root: {type: string}}
      plans:
        - name: publish
          when: {phaseIn: [Pending]}
          targetPhase: Published
          tasks:
            - name: write
              type: write-file
              params: {path: "${spec.root}/${metadata.name}/page", content: hello}
    """

  private func start(_ failpoint: String?) async throws -> (Installation, RunningHost) {
    let installation = try Installation(plugins: [])
    try installation.install(
      "files", program: "files-plugin", yaml: Self.plugin, blueprint: Self.blueprint)
    for ordinal in [0, 1, 3] {
      try FileSystem.makeDirectories("\(installation.root)/pages/shop-\(ordinal)")
    }
    let host = try RunningHost(installation, failpoint: failpoint)
    try await host.apply(
      text: """
        apiVersion: mortise.dev/v1
        kind: NodeDeployment
        metadata: {name: shop}
        spec:
          replicas: 4
          maxParallel: 2
          template: {kind: Leaflet, spec: {root: \(installation.root)/pages}}
        """)
    return (installation, host)
  }

  private static func attempt(_ object: JSONValue?) -> JSONValue? {
    object?["status"]?["rollout"]?["attempt"]
  }

  private func untilTold(_ host: RunningHost, attempt number: Int64, _ state: String) async throws
    -> JSONValue?
  {
    try await host.until("NodeDeployment", "shop", "the end of attempt \(number)") { object in
      let ended = object?["status"]?["rollout"]?["attempts"]?.array?.first
      return ended?["number"]?.integer == number && ended?["announced"]?.bool == true
        && Self.attempt(object)?["state"]?.string == state
    }
  }

  private func ends(_ host: RunningHost) async throws -> [JSONValue] {
    var list = HostV1.ListRequest()
    list.kind = "events"
    return try await host.call(HostV1.Host.list, list).objects
      .map { try JSONValue(parsing: $0) }
      .filter { $0["reason"]?.string == "RolloutEnded" }
  }

  @Test("at each step, and after it the rollout goes on to the same end", arguments: failpoints)
  func hostDies(_ place: String) async throws {
    let (installation, host) = try await start("rollout.\(place)")
    let object = try await untilTold(host, attempt: 1, "Failed")
    #expect(object?["status"]?["rollout"]?["totals"] == ["Failed": 1])
    #expect(object?["status"]?["rollout"]?["attempts"]?.array?.count == 1)
    #expect(try await ends(host).map { $0["count"]?.integer } == [1])

    try FileSystem.makeDirectories("\(installation.root)/pages/shop-2")
    let request = HostV1.ControlRolloutRequest(
      name: host.name("shop", kind: "NodeDeployment"), action: .retry)
    _ = try await host.call(HostV1.Host.controlRollout, request)
    let complete = try await untilTold(host, attempt: 2, "Complete")
    #expect(complete?["status"]?["progress"]?.string == "4/4")
    #expect(complete?["status"]?["rollout"]?["totals"] == ["Complete": 1, "Failed": 1])
    #expect(complete?["status"]?["rollout"]?["attempts"]?.array?.count == 2)
    #expect(try await ends(host).map { $0["count"]?.integer } == [1, 1])
    try await host.delete("shop", kind: "NodeDeployment")
    try await host.until("NodeDeployment", "shop", "its end") { $0 == nil }
    #expect(host.deaths == 1, "the host reached \(place) and died there")
    let left = try await host.call(HostV1.Host.list, HostV1.ListRequest(kind: "Leaflet"))
    #expect(left.objects.isEmpty)
    try await host.stop()
    #expect(try installation.processes() == [])
  }
}
