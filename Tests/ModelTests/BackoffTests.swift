import Testing

@testable import Model

@Suite("Back-off grows to its cap and is spread without being drawn")
struct BackoffTests {
  private let backoff = Backoff(first: Milliseconds(100), cap: .seconds(30))

  @Test(
    "a delay lies within a quarter below the doubled one, and never above the cap",
    arguments: [
      (1, 100), (2, 200), (3, 400), (9, 25_600), (10, 30_000), (31, 30_000), (32, 30_000),
      (1_000_000, 30_000), (.max, 30_000),
    ] as [(Int64, Int64)])
  func bounds(_ failures: Int64, _ nominal: Int64) {
    for seed in ["", "a", "b", "another task"] {
      let delay = backoff.delay(failures: failures, seed: seed).count
      #expect(delay <= nominal && delay >= nominal - nominal / 4)
    }
  }

  @Test("the same seed and count give the same delay, another seed another")
  func jitter() {
    let first = backoff.delay(failures: 8, seed: "one")
    #expect(first == backoff.delay(failures: 8, seed: "one"))
    let delays = Set((0..<100).map { backoff.delay(failures: 8, seed: "task \($0)") })
    #expect(delays.count > 50)
  }

  @Test("the longest back-offs that the host uses reach their caps")
  func shipped() {
    for (backoff, cap) in [(Backoff.plan, 300), (.delivery, 30), (.intent, 60)]
      as [(Backoff, Int64)]
    {
      let delay = backoff.delay(failures: 40, seed: "x").count
      #expect(delay <= cap * 1000 && delay >= cap * 750)
    }
  }
}
