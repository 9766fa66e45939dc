import Testing

@testable import Model

@Suite("Recent entries are kept within their budget")
struct RecentEntriesTests {
  @Test("what was set within half of the budget is there, and never more than the budget")
  func budget() {
    var entries = RecentEntries<Int, Int>(cost: 100)
    for number in 1...1000 {
      entries.set(number, for: number, cost: 1)
      let kept = (1...number).filter { entries[$0] != nil }
      #expect(kept.count <= 101)
      #expect(kept.suffix(min(50, number)).elementsEqual((max(1, number - 49))...number))
    }
  }

  @Test("an entry that is set again is answered as it was set last, also from an older generation")
  func overwriting() {
    var entries = RecentEntries<String, Int>(cost: 4)
    entries.set(1, for: "a", cost: 1)
    for number in 0..<2 { entries.set(number, for: "b\(number)", cost: 1) }
    #expect(entries["a"] == 1)
    entries.set(2, for: "a", cost: 1)
    #expect(entries["a"] == 2)
    for number in 2..<4 { entries.set(number, for: "b\(number)", cost: 1) }
    #expect(entries["a"] == 2)
  }

  @Test("an entry that was taken out is gone, whichever generation it was of")
  func removal() {
    var entries = RecentEntries<String, Int>(cost: 4)
    entries.set(1, for: "old", cost: 2)
    entries.set(2, for: "young", cost: 1)
    entries.set(3, for: "younger", cost: 1)
    #expect(entries.remove("old") == 1)
    #expect(entries.remove("younger") == 3)
    #expect(entries["old"] == nil)
    #expect(entries["younger"] == nil)
    #expect(entries["young"] == 2)
  }
}
