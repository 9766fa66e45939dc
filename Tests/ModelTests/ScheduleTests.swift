import SeededRandom
import Testing

@testable import Model

@Suite("A schedule hands out each key once, at its last moment")
struct ScheduleTests {
  private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

  @Test("keys come in the order of their moments, and none before its own")
  func order() {
    var schedule = Schedule<String>()
    for (key, moment) in [("c", 30), ("a", 10), ("d", 40), ("b", 20)] as [(String, Int64)] {
      schedule.set(key, at: at(moment))
    }
    #expect(schedule.nextMoment() == at(10))
    #expect(schedule.take(at: at(9)) == [])
    #expect(schedule.take(at: at(30)) == ["a", "b", "c"])
    #expect(schedule.nextMoment() == at(40))
    #expect(schedule.take(at: at(40)) == ["d"])
    #expect(schedule.nextMoment() == nil)
  }

  @Test("setting a key again replaces its moment, earlier or later")
  func replacing() {
    var schedule = Schedule<String>()
    schedule.set("a", at: at(10))
    schedule.set("a", at: at(30))
    #expect(schedule.take(at: at(29)) == [])
    schedule.set("a", at: at(5))
    #expect(schedule.nextMoment() == at(5))
    #expect(schedule.take(at: at(100)) == ["a"])
    #expect(schedule.take(at: at(100)) == [])
  }

  @Test("a moment that is set, replaced and set again is handed out once")
  func backAndForth() {
    var schedule = Schedule<String>()
    for moment in [5, 9, 5, 9, 5] as [Int64] { schedule.set("a", at: at(moment)) }
    #expect(schedule.take(at: at(20)) == ["a"])
    #expect(schedule.nextMoment() == nil)
  }

  @Test("a cleared key is not handed out, and clearing one that waits for nothing does nothing")
  func clearing() {
    var schedule = Schedule<String>()
    schedule.set("a", at: at(10))
    schedule.set("b", at: at(20))
    schedule.set("a", at: nil)
    schedule.set("c", at: nil)
    #expect(schedule.nextMoment() == at(20))
    #expect(schedule.take(at: at(20)) == ["b"])
  }

  @Test("a moment put off a hundred thousand times holds no hundred thousand entries")
  func bounded() {
    var schedule = Schedule<Int>()
    for moment in 1...100_000 { schedule.set(moment % 10, at: at(Int64(moment))) }
    #expect(schedule.heldEntries <= 2 * 10 + Schedule<Int>.outdatedSlack)
    #expect(schedule.take(at: at(100_000)).sorted() == Array(0..<10))
  }

  @Test("against a plain dictionary, a long random history gives the same keys at the same moments")
  func againstModel() {
    var random = SplitMix64(seed: 42)
    var schedule = Schedule<Int>()
    var model: [Int: Int64] = [:]
    var now: Int64 = 0
    for _ in 0..<20_000 {
      let key = Int(random.next() % 50)
      switch random.next() % 10 {
      case 0:
        schedule.set(key, at: nil)
        model[key] = nil
      case 1:
        now += Int64(random.next() % 20)
        let due = Set(model.filter { $0.value <= now }.keys)
        #expect(Set(schedule.take(at: at(now))) == due)
        for key in due { model[key] = nil }
      default:
        let moment = now + Int64(random.next() % 100)
        schedule.set(key, at: at(moment))
        model[key] = moment
      }
      #expect(schedule.nextMoment()?.milliseconds == model.values.min())
    }
  }
}
