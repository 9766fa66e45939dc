import LinuxSystem
import Testing

@testable import TTRPC

@Suite("the timer heap")
struct TimerHeapTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 16
    }
  }

  @Test("fires what was not cancelled, in the order of deadlines", arguments: 1...20 as ClosedRange)
  func random(seed: Int) {
    var generator = Generator(state: UInt64(seed))
    var heap = TimerHeap()
    var timers: [LoopTimer] = []
    for _ in 0..<200 {
      let deadline = MonotonicTime(nanoseconds: .random(in: 0..<100, using: &generator))
      let timer = LoopTimer(deadline: deadline) {}
      timers.append(timer)
      heap.insert(timer)
      if Bool.random(using: &generator), let victim = timers.randomElement(using: &generator) {
        heap.remove(victim)
        timers.removeAll { $0 === victim }
        // Taking it out again changes nothing.
        heap.remove(victim)
      }
      #expect(heap.nextDeadline == timers.map(\.deadline).min())
    }
    #expect(heap.count == timers.count)
    let half = MonotonicTime(nanoseconds: 50)
    var fired: [LoopTimer] = []
    while let timer = heap.popDue(at: half) { fired.append(timer) }
    #expect(fired.map(\.deadline) == timers.map(\.deadline).filter { $0 <= half }.sorted())
    #expect(heap.nextDeadline.map { $0 > half } ?? true)
  }
}
