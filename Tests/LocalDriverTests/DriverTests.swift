import Glibc
import JSON
import LinuxSystem
import PluginProto
import TestPlaces
import Testing

@testable import LocalDriver

@Suite("The local driver, as a process", .serialized, .timeLimit(.minutes(10)))
struct DriverTests {
  let scenario = Scenario()

  func makeDriver(_ failpoint: String? = nil) async throws -> DriverProcess {
    try await DriverProcess(in: scenario.directory, failpoint: failpoint)
  }

  @Test("a claim is a directory; another owner's is refused and nothing of it is touched")
  func claims() async throws {
    let driver = try await makeDriver()
    let observed = try await driver.apply(Scenario.claim)
    let path = try #require(observed["path"]?.string)
    #expect(observed["capacityBytes"]?.integer == 1 << 20)
    #expect(try FileSystem.status(path)?.kind == .directory)
    #expect(try await driver.verify(Scenario.claim).presence == .matches)

    var foreign = Scenario.claim
    foreign.owner?.uid = "o2"
    let refusal = await #expect(throws: Refusal.self) { try await driver.apply(foreign) }
    #expect(refusal?.result == .failedFinal && refusal?.reason == "OwnedByAnother")
    #expect(try await driver.verify(foreign).presence == .absent)
    try await driver.remove(foreign)
    let shrunk = DriverProcess.intent(
      "PersistentVolumeClaim", "default/web", ["storage": "1Ki"])
    #expect(
      await #expect(throws: Refusal.self) { try await driver.apply(shrunk) }?.reason
        == "ShrinkRefused")
    let huge = DriverProcess.intent(
      "PersistentVolumeClaim", "default/huge", ["storage": "8000000Ti"])
    let tooMuch = await #expect(throws: Refusal.self) { try await driver.apply(huge) }
    #expect(tooMuch?.result == .failedRecoverable && tooMuch?.reason == "InsufficientCapacity")
    #expect(try await driver.verify(Scenario.claim).presence == .matches)

    try FileSystem.removeTree(path)
    #expect(try await driver.verify(Scenario.claim).presence == .drifted)
    #expect(
      await #expect(throws: Refusal.self) { try await driver.apply(Scenario.claim) }?.reason
        == "VolumeLost")

    try await driver.remove(Scenario.claim)
    try await driver.remove(Scenario.claim)
    #expect(try await driver.verify(Scenario.claim).presence == .absent)
    #expect(try scenario.leftovers().isEmpty)
  }

  @Test("an import is used as it is and left as it was")
  func imports() async throws {
    let path = "\(scenario.directory.path)/precious"
    try FileSystem.makeDirectories(path)
    try AtomicFile.write(Array("kept".utf8), to: "\(path)/file")
    let claim = DriverProcess.intent(
      "PersistentVolumeClaim", "default/web", ["storage": "1Mi", "import": .string(path)])
    let driver = try await makeDriver()
    #expect(try await driver.apply(claim)["path"]?.string == path)
    let second = DriverProcess.intent(
      "PersistentVolumeClaim", "default/other", ["storage": "1Mi", "import": .string(path)])
    let refusal = await #expect(throws: Refusal.self) { try await driver.apply(second) }
    #expect(refusal?.reason == "OwnedByAnother")
    try await driver.remove(claim)
    #expect(try FileSystem.list(path) == ["file"])
    let missing = DriverProcess.intent(
      "PersistentVolumeClaim", "default/web", ["storage": "1Mi", "import": "/nowhere/at/all"])
    #expect(
      await #expect(throws: Refusal.self) { try await driver.apply(missing) }?.reason
        == "ImportInvalid")
  }

  @Test("a bad key, a bad spec and an unknown image are refused for good, saying where")
  func refusals() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    let driver = try await makeDriver()
    let cases: [(PluginV1.Intent, String, String)] = [
      (DriverProcess.intent("Service", "a", [:]), "InvalidKey", "'a'"),
      (DriverProcess.intent("Service", "a/b", ["port": 1]), "InvalidSpec", "spec.selector"),
      (
        DriverProcess.intent("PersistentVolumeClaim", "a/b", ["storage": "1EiB"]), "InvalidSpec",
        "spec.storage"
      ),
      (Scenario.set(image: "nothing:1"), "ImageNotFound", "\(scenario.directory.path)/images"),
    ]
    for (intent, reason, text) in cases {
      let refusal = await #expect(throws: Refusal.self) { try await driver.apply(intent) }
      #expect(refusal?.result == .failedFinal && refusal?.reason == reason)
      #expect(refusal?.message.contains(text) == true, "\(refusal?.message ?? "")")
      #expect(try await driver.verify(intent).presence == .absent)
    }
  }

  @Test("a pod runs, keeps its log, is restarted when it dies, and goes with its set")
  func pods() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    let driver = try await makeDriver()
    await #expect(throws: Refusal.self) { try await driver.apply(Scenario.set()) }
    try await driver.apply(Scenario.claim)
    try await driver.apply(Scenario.set(replicas: 2))
    let first = try await driver.observe(Scenario.set(replicas: 2)) { $0.isReady }
    #expect(first["readyReplicas"]?.integer == 2 && first["updatedReplicas"]?.integer == 2)
    #expect(first.pids.count == 2)
    #expect(Set(first.pods.compactMap { $0["ip"]?.string }).count == 2)
    #expect(first["currentRevision"] == first["updateRevision"])
    let log = "\(scenario.data)/logs/default/web-0/app.log"
    #expect(String(decoding: try FileSystem.read(log), as: UTF8.self).contains("started web-0"))

    let victim = pid_t(first.pids[0])
    Glibc.kill(victim, SIGKILL)
    let second = try await driver.observe(Scenario.set(replicas: 2)) {
      $0.isReady && $0.pids.first != Int64(victim)
    }
    let container = try #require(second.pods[0]["containers"]?.array?.first)
    #expect(container["restarts"]?.integer == 1)
    #expect(container["lastExit"]?.string?.hasPrefix("signal 9") == true)
    #expect(second.pods[0]["uid"] == first.pods[0]["uid"], "the pod is the same")

    let inUse = await #expect(throws: Refusal.self) { try await driver.remove(Scenario.claim) }
    #expect(inUse?.reason == "ClaimInUse")
    try await driver.remove(Scenario.set(replicas: 2))
    try await driver.remove(Scenario.claim)
    driver.kill()
    #expect(try scenario.processes().isEmpty)
    #expect(try scenario.leftovers().isEmpty)
  }

  @Test("a driver that was killed adopts its processes; one that ended meanwhile is started again")
  func adoption() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    var driver = try await makeDriver()
    try await driver.apply(Scenario.claim)
    try await driver.apply(Scenario.set())
    let before = try await driver.observe(Scenario.set()) { $0.isReady }
    driver.kill()
    driver = try await makeDriver()
    // Before any apply: the driver goes on by itself.
    let after = try await driver.verify(Scenario.set())
    #expect(after.presence == .matches)
    #expect(after.observed == before)

    driver.kill()
    Glibc.kill(pid_t(before.pids[0]), SIGKILL)
    driver = try await makeDriver()
    let again = try await driver.observe(Scenario.set()) { $0.isReady }
    #expect(again.pids != before.pids)
    #expect(again.pods[0]["uid"] == before.pods[0]["uid"])
    try await driver.remove(Scenario.set())
    driver.kill()
    #expect(try scenario.processes().isEmpty)
  }

  @Test("under OnDelete the old process serves until its eviction, whatever is applied")
  func onDelete() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    try scenario.image("app:2", Scenario.sleeper)
    var driver = try await makeDriver()
    try await driver.apply(Scenario.claim)
    try await driver.apply(Scenario.set())
    let old = try await driver.observe(Scenario.set()) { $0.isReady }
    let newer = Scenario.set(image: "app:2", generation: 2)
    let applied = try await driver.apply(newer)
    #expect(applied["observedGeneration"]?.integer == 2)
    #expect(applied["updatedReplicas"]?.integer == 0 && applied.pids == old.pids)
    driver.kill()
    driver = try await makeDriver()
    #expect(try await driver.verify(newer).observed.pids == old.pids)

    let eviction = Scenario.eviction(of: old.pods[0])
    #expect(try await driver.verify(eviction).presence == .drifted)
    #expect(try await driver.apply(eviction)["gone"]?.bool == true)
    let new = try await driver.observe(newer) { $0.isReady }
    #expect(new.pids != old.pids && new.pods[0]["uid"] != old.pods[0]["uid"])
    #expect(new.pods[0]["revision"] == new["updateRevision"])
    #expect(new.pods[0]["ip"] == old.pods[0]["ip"], "the address is the ordinal's")
    #expect(new["currentRevision"] == new["updateRevision"])
    #expect(try await driver.apply(eviction)["gone"]?.bool == true)
    #expect(
      try await driver.verify(newer).observed.pids == new.pids, "a second apply evicts nobody")
    try await driver.remove(newer)
  }

  @Test("under RollingUpdate pods are replaced by themselves")
  func rollingUpdate() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    try scenario.image("app:2", Scenario.sleeper)
    let driver = try await makeDriver()
    try await driver.apply(Scenario.claim)
    let old = Scenario.set(replicas: 2, strategy: "RollingUpdate")
    try await driver.apply(old)
    try await driver.observe(old) { $0.isReady && $0.pods.count == 2 }
    let new = Scenario.set(image: "app:2", replicas: 2, strategy: "RollingUpdate", generation: 2)
    try await driver.apply(new)
    let rolled = try await driver.observe(new) {
      $0["updatedReplicas"]?.integer == 2 && $0.isReady
    }
    #expect(rolled["currentRevision"] == rolled["updateRevision"])
    let fewer = Scenario.set(
      image: "app:2", replicas: 1, strategy: "RollingUpdate", generation: 3)
    try await driver.apply(fewer)
    let scaled = try await driver.observe(fewer) { $0.pods.count == 1 }
    #expect(scaled.pids == [rolled.pids[0]])
    try await driver.remove(fewer)
  }

  @Test("containers wait for their sidecar to be started, not for it to be ready")
  func sidecar() async throws {
    try scenario.image("app:1", Scenario.sleeper)
    try scenario.image("side:1", ServiceTests.heldBackRedis)
    let set = DriverProcess.intent(
      "StatefulSet", "default/web",
      [
        "template": [
          "initContainers": [
            [
              "name": "side", "image": "side:1", "restartPolicy": "Always",
              "startupProbe": ServiceTests.probe,
            ]
          ],
          "containers": [["name": "app", "image": "app:1"]],
        ],
        "volumes": ["data": "default/web"],
      ])
    var driver = try await makeDriver()
    let path = try #require(try await driver.apply(Scenario.claim)["path"]?.string)
    try await driver.apply(set)
    let held = try await driver.observe(set) { $0.pids.count == 1 }
    #expect(held.pods[0]["phase"]?.string == "Pending" && !held.isReady)
    #expect(held.pods[0]["sidecarReady"]?.bool == false)
    driver.kill()
    driver = try await makeDriver()
    #expect(try await driver.verify(set).observed.pids == held.pids, "still held back")
    try AtomicFile.write([], to: "\(path)/go")
    let started = try await driver.observe(set) { $0.isReady }
    #expect(started.pods[0]["phase"]?.string == "Running")
    #expect(started.pids.count == 2 && started.pids[0] == held.pids[0])
    try await driver.remove(set)
  }

  @Test("what ignores SIGTERM, and what a container leaves behind, is killed after the grace")
  func stubborn() async throws {
    try scenario.image("app:1", "trap '' TERM; sleep 1000 & while :; do sleep 1000; done")
    let set = DriverProcess.intent(
      "StatefulSet", "default/web",
      [
        "template": [
          "containers": [["name": "app", "image": "app:1"]], "terminationGracePeriodSeconds": 3,
        ]
      ])
    var driver = try await makeDriver()
    try await driver.apply(set)
    try await driver.observe(set) { $0.isReady }
    let refusal = await #expect(throws: Refusal.self) { try await driver.remove(set) }
    #expect(refusal?.result == .failedRecoverable && refusal?.reason == "StillStopping")
    // The stop goes on in the next driver, which begins the grace anew.
    driver.kill()
    driver = try await makeDriver()
    try await driver.observe(set) { $0 == .null }
    #expect(try scenario.processes().isEmpty)
    #expect(try await driver.verify(set).presence == .absent)
    try await driver.remove(set)
    #expect(try scenario.leftovers().isEmpty)
    let stops = try scenario.effects().filter { $0["effect"]?.string == "pod-stopped" }
    #expect(stops.count == 1)
  }

  @Test("a second driver on one directory is refused, and takes over when the first is gone")
  func oneDriver() async throws {
    let first = try await makeDriver()
    await #expect(throws: (any Error).self) { _ = try await makeDriver() }
    first.kill()
    _ = try await makeDriver()
  }
}
