import Testing

@testable import Model

@Suite("Moments are written and read as RFC 3339 in UTC")
struct TimestampTests {
  @Test(
    "a moment is written as it stands in the calendar, and read back",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"),
      (-1, "1969-12-31T23:59:59.999Z"), (-1000, "1969-12-31T23:59:59.000Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_769_860_800_123, "2026-01-31T12:00:00.123Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func roundTrip(_ milliseconds: Int64, _ text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test("a moment may be written without a fraction")
  func withoutFraction() {
    #expect(Timestamp("2026-01-31T12:00:00Z")?.milliseconds == 1_769_860_800_000)
  }

  @Test(
    "what is no moment is refused",
    arguments: [
      "", "Z", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-1-31T12:00:00Z",
      "2026-01-31T12:00:00.1Z", "2026-01-31T12:00:00.1234Z", "2026-01-31T12:00:00+01:00",
      "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-30T00:00:00Z",
      "2026-06-31T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
      "2026-01-31T12:00:61Z", "2026-01-31T-1:00:00Z", "2026-01-31T12:00:00.-12Z",
      "2026-01-31T12:00:00.+12Z", "+026-01-31T12:00:00Z", "2026-01-31T12:00:00zZ",
      "２026-01-31T12:00:00Z",
    ])
  func refused(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("moments and lengths of time add up")
  func arithmetic() {
    let start = Timestamp(milliseconds: 500)
    #expect(start + .seconds(2) == Timestamp(milliseconds: 2500))
    #expect((start + .seconds(2)) - start == .seconds(2))
    #expect(start < start + Milliseconds(1))
  }
}
