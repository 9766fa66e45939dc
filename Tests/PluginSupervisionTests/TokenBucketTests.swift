import Testing

@testable import PluginSupervision

@Suite struct TokenBucketTests {
  @Test("a burst passes, what is beyond it waits until it is paid back")
  func debt() {
    var bucket = TokenBucket(burst: 100, perSecond: 10)
    #expect(bucket.take(60, at: .seconds(5)) == .zero)
    #expect(bucket.take(40, at: .seconds(5)) == .zero)
    #expect(bucket.take(20, at: .seconds(5)) == .seconds(2))
    #expect(bucket.take(0, at: .seconds(6)) == .seconds(1))
    #expect(bucket.take(0, at: .seconds(7)) == .zero)
    #expect(bucket.take(10, at: .seconds(8)) == .zero)
  }

  @Test("rest fills it to the burst and no further; a clock that goes back adds nothing")
  func filled() {
    var bucket = TokenBucket(burst: 100, perSecond: 10)
    #expect(bucket.take(100, at: .zero) == .zero)
    #expect(bucket.take(100, at: .seconds(3600)) == .zero)
    #expect(bucket.take(10, at: .seconds(3599)) == .seconds(1))
  }
}
