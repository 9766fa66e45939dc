import Testing

@testable import PluginSupervision

@Suite("restart policy")
struct RestartPolicyTests {
  private let policy = RestartPolicy()

  @Test(
    "the delay doubles up to its cap",
    arguments: [
      (1, Duration.milliseconds(50)), (2, .milliseconds(100)), (3, .milliseconds(200)),
      (10, .milliseconds(25_600)), (11, .seconds(30)), (1_000, .seconds(30)),
    ])
  func doubles(crashes: Int, delay: Duration) {
    #expect(policy.delay(crashesInARow: crashes, chance: 1) == delay)
    #expect(policy.delay(crashesInARow: crashes, chance: 0) == delay / 2)
  }

  @Test("a first crash is healed within 100 ms whatever the jitter")
  func firstIsQuick() {
    #expect(policy.delay(crashesInARow: 1, chance: 1) <= .milliseconds(100))
  }

  @Test("a plugin that stayed ready for the steady period begins a new row")
  func steadyBeginsAnew() {
    var history = CrashHistory()
    for second in 1...4 {
      _ = history.crashed(
        at: .seconds(second), readySince: .seconds(second), chance: 1, policy: policy)
    }
    let verdict = history.crashed(
      at: .seconds(20), readySince: .seconds(20) - policy.steadyPeriod, chance: 1, policy: policy)
    #expect(verdict == .restart(after: .milliseconds(50)))
  }

  @Test("a plugin that crashes soon after it was ready waits longer each time")
  func quickCrashesBackOff() {
    var history = CrashHistory()
    let delays = (1...3).map { second in
      history.crashed(
        at: .seconds(second), readySince: .seconds(second), chance: 1, policy: policy)
    }
    #expect(
      delays == [
        .restart(after: .milliseconds(50)), .restart(after: .milliseconds(100)),
        .restart(after: .milliseconds(200)),
      ])
  }

  @Test("crashes spread wider than the window never quarantine")
  func windowForgets() {
    var history = CrashHistory()
    for crash in 1...100 {
      let now = policy.window * crash / policy.crashLimit * 1.1
      let verdict = history.crashed(
        at: now, readySince: now - .seconds(10), chance: 1, policy: policy)
      #expect(verdict == .restart(after: .milliseconds(50)))
    }
  }

  @Test("as many crashes within the window as the limit says quarantine, ready or not")
  func tooMany() {
    var history = CrashHistory()
    var verdicts: [CrashHistory.Verdict] = []
    for crash in 1...policy.crashLimit {
      let now = Duration.seconds(crash * 20)
      verdicts.append(
        history.crashed(at: now, readySince: now - .seconds(10), chance: 1, policy: policy))
    }
    #expect(verdicts.dropLast().allSatisfy { $0 == .restart(after: .milliseconds(50)) })
    #expect(verdicts.last == .quarantine(reason: "it crashed 20 times within 600 s"))
  }
}
