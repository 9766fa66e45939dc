import JSON
import Testing

@testable import LocalDriver

/// A pod with a sidecar (0, with a startup and a readiness probe) and a container (1, with a
/// readiness probe) unless a test says otherwise.
@Suite("A pod's life")
struct PodMachineTests {
  static let probe: JSONValue = ["tcpSocket": ["port": 1], "periodMilliseconds": 1000]

  static func template(_ document: JSONValue) -> PodTemplate {
    guard let template = try? PodTemplate(SpecReader(document)) else {
      preconditionFailure("a test's template is wrong")
    }
    return template
  }

  static let alone = template(["containers": [["name": "main", "image": "a:1"]]])
  static let both = template([
    "initContainers": [
      [
        "name": "side", "image": "s:1", "restartPolicy": "Always", "startupProbe": probe,
        "readinessProbe": probe,
      ]
    ],
    "containers": [["name": "main", "image": "a:1", "readinessProbe": probe]],
    "terminationGracePeriodSeconds": 5,
  ])

  /// Both containers run and are ready.
  static func ready() -> PodMachine {
    var pod = PodMachine(template: both)
    _ = pod.on(.begin)
    _ = pod.on(.spawned(container: 0))
    _ = pod.on(.probed(container: 0, run: 1, kind: .startup, passed: true))
    _ = pod.on(.spawned(container: 1))
    _ = pod.on(.probed(container: 0, run: 1, kind: .readiness, passed: true))
    _ = pod.on(.probed(container: 1, run: 1, kind: .readiness, passed: true))
    return pod
  }

  @Test("a container without probes is ready when it runs")
  func withoutProbes() {
    var pod = PodMachine(template: Self.alone)
    #expect(pod.on(.begin) == [.spawn(container: 0, run: 1), .changed])
    #expect(!pod.isReady)
    #expect(pod.on(.spawned(container: 0)) == [.changed])
    #expect(pod.isReady)
  }

  @Test("the others start when the sidecar's startup probe passed, not before")
  func sidecarFirst() {
    var pod = PodMachine(template: Self.both)
    #expect(pod.on(.begin) == [.spawn(container: 0, run: 1), .changed])
    let first = PodMachine.Timer.probe(container: 0, run: 1, kind: .startup)
    #expect(
      pod.on(.spawned(container: 0)) == [.schedule(first, after: .milliseconds(10)), .changed])
    #expect(pod.on(.due(first)) == [.ask(container: 0, run: 1, kind: .startup)])
    #expect(
      pod.on(.probed(container: 0, run: 1, kind: .startup, passed: false))
        == [.schedule(first, after: .milliseconds(20))])
    let effects = pod.on(.probed(container: 0, run: 1, kind: .startup, passed: true))
    #expect(effects.contains(.spawn(container: 1, run: 1)))
    #expect(effects.contains(.changed))
    #expect(!pod.isReady)
  }

  @Test("a pod is ready when all of its containers are")
  func readiness() {
    var pod = Self.ready()
    #expect(pod.isReady && pod.areSidecarsReady)
    for _ in 0..<2 {
      #expect(
        !pod.on(.probed(container: 0, run: 1, kind: .readiness, passed: false)).contains(.changed))
    }
    #expect(pod.isReady, "two failures of three change nothing")
    #expect(
      pod.on(.probed(container: 0, run: 1, kind: .readiness, passed: false)).contains(.changed))
    #expect(!pod.isReady && !pod.areSidecarsReady)
    #expect(
      pod.on(.probed(container: 0, run: 1, kind: .readiness, passed: true)).contains(.changed))
    #expect(pod.isReady)
  }

  @Test("probes come at doubled distances up to the period")
  func probeDistances() {
    var pod = PodMachine(template: Self.both)
    _ = pod.on(.begin)
    var effects = pod.on(.spawned(container: 0))
    var waits: [Duration] = []
    for _ in 0..<9 {
      for case .schedule(_, let wait) in effects { waits.append(wait) }
      effects = pod.on(.probed(container: 0, run: 1, kind: .startup, passed: false))
    }
    let expected: [Duration] = [10, 20, 40, 80, 160, 320, 640, 1000, 1000].map { .milliseconds($0) }
    #expect(waits == expected)
  }

  @Test(
    "a container that ended starts again after its back-off; late answers of the last run don't count"
  )
  func restart() {
    var pod = Self.ready()
    let restart = PodMachine.Timer.restart(container: 1, run: 1)
    #expect(
      pod.on(.exited(container: 1, run: 1, after: .seconds(1)))
        == [.schedule(restart, after: .milliseconds(200)), .changed])
    #expect(!pod.isReady)
    #expect(pod.on(.due(restart)) == [.spawn(container: 1, run: 2)])
    _ = pod.on(.spawned(container: 1))
    #expect(pod.on(.probed(container: 1, run: 1, kind: .readiness, passed: true)) == [])
    #expect(pod.on(.exited(container: 1, run: 1, after: .seconds(1))) == [])
    #expect(pod.on(.due(restart)) == [], "a timer that fires twice starts nothing twice")
    #expect(!pod.isReady)
  }

  @Test("a look beside the probes changes what is known and not when it is asked next")
  func looked() {
    var pod = Self.ready()
    #expect(pod.question(of: 0, .readiness) != nil)
    #expect(pod.on(.looked(container: 0, run: 1, passed: true)) == [])
    for _ in 1..<3 { _ = pod.on(.looked(container: 0, run: 1, passed: false)) }
    #expect(pod.on(.looked(container: 0, run: 1, passed: false)) == [.changed])
    #expect(!pod.areSidecarsReady)
    #expect(pod.on(.looked(container: 0, run: 1, passed: true)) == [.changed])
    #expect(pod.areSidecarsReady)
    #expect(pod.on(.looked(container: 0, run: 9, passed: false)) == [], "an earlier process's")
  }

  @Test("what can't be started is tried again after the back-off")
  func spawnFails() {
    var pod = PodMachine(template: Self.alone)
    _ = pod.on(.begin)
    let restart = PodMachine.Timer.restart(container: 0, run: 1)
    #expect(
      pod.on(.spawnFailed(container: 0))
        == [.schedule(restart, after: .milliseconds(200)), .changed])
    #expect(pod.on(.due(restart)) == [.spawn(container: 0, run: 2)])
  }

  @Test("stopping ends the containers, then the sidecars, and kills after the grace")
  func stopping() {
    var pod = Self.ready()
    let grace = PodMachine.Timer.grace(container: 1, run: 1)
    #expect(
      pod.on(.stop)
        == [.changed, .terminate(container: 1), .schedule(grace, after: .seconds(5))])
    #expect(!pod.isReady)
    #expect(pod.on(.stop) == [])
    #expect(pod.on(.due(grace)) == [.kill(container: 1)])
    let side = PodMachine.Timer.grace(container: 0, run: 1)
    #expect(
      pod.on(.exited(container: 1, run: 1, after: .seconds(9)))
        == [.terminate(container: 0), .schedule(side, after: .seconds(5)), .changed])
    #expect(
      pod.on(.exited(container: 0, run: 1, after: .seconds(9))) == [.finished, .changed])
    #expect(pod.isFinished)
    #expect(pod.on(.due(side)) == [], "the grace of a process that ended kills nothing")
  }

  @Test("a pod that stops while a container waits to be restarted starts nothing any more")
  func stopDuringBackoff() {
    var pod = PodMachine(template: Self.alone)
    _ = pod.on(.begin)
    _ = pod.on(.spawned(container: 0))
    _ = pod.on(.exited(container: 0, run: 1, after: .zero))
    #expect(pod.on(.stop) == [.changed, .finished])
    #expect(pod.on(.due(.restart(container: 0, run: 1))) == [])
  }

  @Test("adopted containers keep what is known of them and are asked again")
  func adoption() {
    var pod = PodMachine(template: Self.both)
    pod.restore(0, run: 3, isAlive: true, isStarted: true, isReady: true)
    pod.restore(1, run: 2, isAlive: false, isStarted: true, isReady: true)
    let effects = pod.on(.begin)
    #expect(effects.contains(.spawn(container: 1, run: 3)))
    #expect(!effects.contains(.spawn(container: 0, run: 4)))
    #expect(
      effects.contains(
        .schedule(.probe(container: 0, run: 3, kind: .readiness), after: .milliseconds(1000))))
    #expect(pod.areSidecarsReady && !pod.isReady)
  }

  @Test("an adopted process whose start was not written down yet counts as started")
  func adoptionBeforeRecord() {
    var pod = PodMachine(template: Self.alone)
    pod.restore(0, run: 1, isAlive: true, isStarted: false, isReady: false)
    #expect(pod.on(.begin) == [.changed])
    #expect(pod.isReady)
  }

  @Test("a pod that was to stop goes on stopping after a restart of the driver")
  func adoptionWhileStopping() {
    var pod = PodMachine(template: Self.both, isStopping: true)
    pod.restore(0, run: 1, isAlive: true, isStarted: true, isReady: true)
    pod.restore(1, run: 1, isAlive: false, isStarted: false, isReady: false)
    #expect(pod.on(.begin).contains(.terminate(container: 0)))
    #expect(pod.on(.exited(container: 0, run: 1, after: .zero)).contains(.finished))
  }
}

@Suite("Restart back-off")
struct RestartBackoffTests {
  @Test("doubles to its longest and is forgotten after a run that lasted")
  func doubles() {
    var backoff = RestartBackoff()
    let waits = (0..<9).map { _ in backoff.next(afterRunOf: .seconds(1)) }
    let expected: [Duration] = [200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000].map {
      .milliseconds($0)
    }
    #expect(waits == expected)
    #expect(backoff.next(afterRunOf: .seconds(60)) == .milliseconds(200))
  }
}
