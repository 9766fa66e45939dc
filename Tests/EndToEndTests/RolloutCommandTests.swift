import JSON
import LinuxSystem
import Testing

/// What a person and a script do with a rollout, each command a process, children that wait for a file.
@Suite("The commands of rollouts", .timeLimit(.minutes(10)))
struct RolloutCommandTests {
  private static let blueprint = """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: leaflets}
    spec:
      kind: Leaflet
      target: local
      schema:
        type: object
        properties: {root: {type: string}, text: {type: string}}
      plans:
        - name: publish
          when: {phaseIn: [Pending]}
          targetPhase: Published
          tasks:
            - {name: wait, type: await-file, params: {path: "${spec.root}/${metadata.name}.go"}}
            - name: write
              type: write-file
              params: {path: "${spec.root}/${metadata.name}/page", content: "${spec.text}"}
    """

  /// A host, and where the pages of its rollout "shop" go.
  private struct Place {
    let installation: Installation
    let host: RunningHost
    var pages: String { "\(installation.root)/pages" }

    init() throws {
      installation = try Installation(plugins: [])
      try installation.install(
        "files", program: "files-plugin", yaml: RolloutCrashTests.plugin,
        blueprint: RolloutCommandTests.blueprint)
      try FileSystem.makeDirectories("\(installation.root)/pages")
      host = try RunningHost(installation)
    }

    func apply(_ replicas: Int, _ more: String = "", text: String = "a") async throws {
      try await host.apply(
        text: """
          apiVersion: mortise.dev/v1
          kind: NodeDeployment
          metadata: {name: shop}
          spec:
            replicas: \(replicas)
            template: {kind: Leaflet, spec: {root: \(pages), text: \(text)}}
            \(more)
          """)
    }

    /// Lets children have their pages, or fail for want of a directory.
    func release(_ ordinals: Int..., failing: Bool = false) throws {
      for ordinal in ordinals {
        if !failing { try FileSystem.makeDirectories("\(pages)/shop-\(ordinal)") }
        try AtomicFile.write([], to: "\(pages)/shop-\(ordinal).go")
      }
    }

    /// What `rollout status --wait` ends with, and says.
    func status(_ options: String...) async throws -> CommandOutcome {
      try await host.mortise(["rollout", "status", "shop", "--wait"] + options)
    }

    func children() async throws -> [String] {
      try await host.mortise("get", "leaflets", "-o", "name").output
        .split(separator: "\n").map(String.init)
    }

    func texts() async throws -> [String] {
      try await host.mortise("get", "leaflets", "-o", "jsonpath=spec.text").output
        .split(separator: "\n").map(String.init)
    }

    func until(_ what: String, _ isMet: @escaping @Sendable (JSONValue?) -> Bool) async throws {
      try await host.until("NodeDeployment", "shop", what, isMet)
    }
  }

  @Test("status --wait ends with a status of its own for each of the five outcomes")
  func outcomes() async throws {
    let place = try Place()
    try await place.apply(3, "onFailure: continue")
    let missing = try await place.host.mortise("rollout", "status", "nowhere", "--wait")
    #expect(missing.code == 4, "\(missing.errors)")
    let late = try await place.status("--timeout", "300ms")
    #expect(late.code == 6)
    #expect(late.errors.contains("timed out; the rollout goes on"), "\(late.errors)")

    try place.release(0, failing: true)
    let degraded = try await place.status()
    #expect(degraded.code == 7)
    #expect(
      degraded.errors.contains("is running, degraded: shop-0, task write: WriteFailed"),
      "\(degraded.errors)")
    let listed = try await place.host.mortise("get", "nodedeployment", "shop")
    #expect(listed.output.contains("running, degraded"), "\(listed.output)")

    #expect(try await place.host.mortise("rollout", "pause", "shop").code == 0)
    try place.release(1)
    let paused = try await place.status("--settled")
    #expect(paused.code == 8)
    #expect(paused.errors.contains("mortise rollout resume shop"), "\(paused.errors)")
    #expect(try await place.children() == ["leaflet/shop-0", "leaflet/shop-1"])

    try place.release(2)
    #expect(try await place.host.mortise("rollout", "resume", "shop").code == 0)
    let failed = try await place.status("--settled")
    #expect(failed.code == 1)
    #expect(failed.errors.contains("attempt 1 of nodedeployment/shop is Failed"))

    try place.release(0)
    #expect(try await place.host.mortise("rollout", "retry", "shop").code == 0)
    let complete = try await place.status()
    #expect(complete.code == 0)
    #expect(complete.output.contains("shop: complete 3/3"), "\(complete.output)")
    #expect(complete.errors == "")
    try await told(place)
  }

  /// What is left of the two attempts, over a death of the host.
  private func told(_ place: Place) async throws {
    let refused = try await place.host.mortise("rollout", "retry", "shop")
    #expect(refused.code == 5)
    #expect(refused.errors.contains("is Complete and does not become Running"))
    let history = try await place.host.mortise("rollout", "history", "shop").output
      .split(separator: "\n").map { $0.split(separator: " ").prefix(4).joined(separator: " ") }
    #expect(history.dropFirst() == ["2 1 complete continue", "1 1 failed continue"])
    for _ in 0..<2 {
      let metrics = try await place.host.mortise("metrics").output.split(separator: "\n")
      for line in [
        #"mortise_rollout_attempts_ended{namespace="default",rollout="shop",state="Failed"} 1"#,
        #"mortise_rollout_attempts_ended{namespace="default",rollout="shop",state="Complete"} 1"#,
      ] {
        #expect(metrics.contains { $0 == line }, "\(metrics)")
      }
      place.host.kill()
      try await place.until("the next host") { $0 != nil }
    }
    try await place.host.stop()
  }

  @Test("behind the canaries it is paused, and resume lets the others follow")
  func canary() async throws {
    let place = try Place()
    try place.release(0, 1, 2)
    try await place.apply(3, "canary: 1")
    let paused = try await place.status()
    #expect(paused.code == 8)
    #expect(paused.errors.contains("the first 1 had their turns, 1 are complete"))
    #expect(try await place.children() == ["leaflet/shop-0"])
    #expect(try await place.host.mortise("rollout", "resume", "shop").code == 0)
    #expect(try await place.status().code == 0)
    #expect(try await place.children().count == 3)
    let again = try await place.host.mortise("rollout", "resume", "shop")
    #expect(again.code == 5, "nothing holds it: \(again.output)")
    try await place.host.stop()
  }

  @Test("the policy pause ends the attempt at once, and resume begins the next one")
  func policyPause() async throws {
    let place = try Place()
    try place.release(0, failing: true)
    try await place.apply(3, "onFailure: pause")
    let failed = try await place.status()
    #expect(failed.code == 1)
    #expect(failed.errors.contains("mortise rollout resume shop"), "\(failed.errors)")
    #expect(!failed.errors.contains("undo"), "there is no revision to go back to")
    #expect(try await place.children() == ["leaflet/shop-0"])
    try place.release(0, 1, 2)
    #expect(try await place.host.mortise("rollout", "resume", "shop").code == 0)
    #expect(try await place.status().code == 0)
    try await place.until("attempt 2") { object in
      object?["status"]?["rollout"]?["attempt"]?["number"]?.integer == 2
    }
    try await place.host.stop()
  }

  @Test("undo brings back the template before, by the history; fewer replicas are fewer")
  func undo() async throws {
    let place = try Place()
    try place.release(0, 1, 2)
    try await place.apply(3)
    #expect(try await place.status().code == 0)
    try await place.apply(2, text: "b")
    #expect(try await place.status().code == 0)
    #expect(try await place.texts() == ["b", "b"])
    #expect(try await place.host.mortise("rollout", "undo", "shop").code == 0)
    #expect(try await place.status().code == 0)
    #expect(try await place.texts() == ["a", "a"])
    let template = try await place.host.mortise("rollout", "history", "shop", "--revision", "2")
    #expect(template.output.contains("text: b"), "\(template.output)")
    let forth = try await place.host.mortise("rollout", "undo", "shop", "--revision", "2")
    #expect(forth.code == 0)
    #expect(try await place.status().code == 0)
    #expect(try await place.texts() == ["b", "b"])
    let unkept = try await place.host.mortise("rollout", "undo", "shop", "--revision", "9")
    #expect(unkept.code == 5)
    #expect(unkept.errors.contains("revision 9 is not kept; kept: 2, 1"), "\(unkept.errors)")
    try await place.host.stop()
  }
}
