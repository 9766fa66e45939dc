import Testing

@testable import TTRPC

@Suite("the yielding spin")
struct YieldingSpinTests {
  private static let short = YieldingSpin.shortSleepNanoseconds
  private static let long = YieldingSpin.shortSleepNanoseconds + 1

  private func on() -> YieldingSpin {
    var spin = YieldingSpin()
    while !spin.isOn { spin.slept(Self.short) }
    return spin
  }

  @Test("begins after enough short sleeps in a row, and a long one starts the count anew")
  func begins() {
    var spin = YieldingSpin()
    for _ in 1..<YieldingSpin.evidenceMin { spin.slept(Self.short) }
    #expect(!spin.isOn)
    spin.slept(Self.long)
    for _ in 1..<YieldingSpin.evidenceMin { spin.slept(Self.short) }
    #expect(!spin.isOn)
    spin.slept(Self.short)
    #expect(spin.isOn)
  }

  @Test("never begins with long sleeps, nor where it is forbidden")
  func never() {
    var idle = YieldingSpin()
    for _ in 0..<1000 { idle.slept(Self.long) }
    #expect(!idle.isOn)
    var forbidden = YieldingSpin(isForbidden: true)
    for _ in 0..<1000 { forbidden.slept(0) }
    #expect(!forbidden.isOn)
  }

  private static let window = YieldingSpin.windowNanoseconds

  @Test("ends when it does not pay, and wants twice as much evidence each time, up to a limit")
  func ends() {
    var spin = on()
    var wanted = spin.evidenceWanted
    while wanted < YieldingSpin.evidenceMax {
      while spin.isOn { spin.spun(Self.window, foundEvent: false) }
      #expect(spin.evidenceWanted == 2 * wanted)
      wanted = spin.evidenceWanted
      for _ in 1..<wanted { spin.slept(Self.short) }
      #expect(!spin.isOn)
      spin.slept(Self.short)
      #expect(spin.isOn)
    }
    while spin.isOn { spin.spun(Self.window, foundEvent: false) }
    #expect(spin.evidenceWanted == YieldingSpin.evidenceMax)
  }

  @Test("stays while what most spins gain is more than what the others lose")
  func stays() {
    var spin = on()
    while spin.isOn { spin.spun(Self.window, foundEvent: false) }
    while !spin.isOn { spin.slept(Self.short) }
    for _ in 0..<1000 {
      for _ in 0..<8 { spin.spun(Self.window / 2, foundEvent: true) }
      spin.spun(Self.window, foundEvent: false)
    }
    #expect(spin.isOn)
    #expect(spin.evidenceWanted == YieldingSpin.evidenceMin)
  }

  @Test("ends where others take the processor for long, even if there is an event afterwards")
  func crowded() {
    var spin = on()
    for _ in 0..<1000 where spin.isOn {
      for _ in 0..<8 { spin.spun(Self.window / 2, foundEvent: true) }
      spin.spun(3_000_000, foundEvent: true)
    }
    #expect(!spin.isOn)
  }
}
