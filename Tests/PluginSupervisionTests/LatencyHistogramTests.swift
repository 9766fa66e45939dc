import Testing

@testable import PluginSupervision

@Suite("how long calls take")
struct LatencyHistogramTests {
  @Test("a quantile is never too low, and too high by at most a quarter")
  func bounds() {
    for value: UInt64 in [0, 1, 3, 4, 5, 7, 8, 100, 1023, 1024, 1_000_000, 3_600_000_000] {
      var histogram = LatencyHistogram()
      histogram.record(microseconds: value)
      let read = histogram.microseconds(quantile: 0.99)
      #expect(read >= value)
      #expect(read <= value + value / 4)
    }
  }

  @Test("quantiles are of all calls, and what is beyond all buckets is in the last")
  func quantiles() {
    var histogram = LatencyHistogram()
    #expect(histogram.microseconds(quantile: 0.5) == 0)
    for _ in 0..<99 { histogram.record(microseconds: 2) }
    histogram.record(microseconds: .max)
    #expect(histogram.count == 100)
    #expect(histogram.microseconds(quantile: 0.5) == 2)
    #expect(histogram.microseconds(quantile: 0.99) == 2)
    #expect(histogram.microseconds(quantile: 1) > 3_600_000_000)
  }
}
