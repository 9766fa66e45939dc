internal import Glibc

/// A moment, in whole milliseconds since the Unix epoch; written as RFC 3339 in UTC.
///
/// The engine gets it in events: no pure module reads a clock.
public struct Timestamp: Hashable, Comparable, Sendable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }

  public static func + (moment: Timestamp, duration: Milliseconds) -> Timestamp {
    Timestamp(milliseconds: moment.milliseconds + duration.count)
  }

  public static func - (later: Timestamp, earlier: Timestamp) -> Milliseconds {
    Milliseconds(later.milliseconds - earlier.milliseconds)
  }
}

/// A length of time in whole milliseconds, as persisted state keeps it.
public struct Milliseconds: Hashable, Comparable, Sendable {
  public var count: Int64

  public init(_ count: Int64) {
    self.count = count
  }

  /// So many seconds.
  public static func seconds(_ seconds: Int64) -> Milliseconds { Milliseconds(seconds * 1000) }

  /// 366 days: the longest that a user may ask for.
  static let year = Milliseconds.seconds(366 * 24 * 3600)

  public static func < (left: Milliseconds, right: Milliseconds) -> Bool {
    left.count < right.count
  }
}

extension Timestamp: CustomStringConvertible {
  public var description: String {
    var seconds = time_t(milliseconds.flooredQuotient(1000))
    let fraction = Int(milliseconds - Int64(seconds) * 1000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func padded(_ value: Int32, _ width: Int = 2) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1) + "-"
      + padded(parts.tm_mday) + "T" + padded(parts.tm_hour) + ":" + padded(parts.tm_min) + ":"
      + padded(parts.tm_sec) + "." + padded(Int32(fraction), 3) + "Z"
  }

  /// Reads what `description` writes, with or without a fraction; nil for anything else, days that
  /// no calendar has among it (guarded by `TimestampTests`).
  public init?(_ text: String) {
    guard let read = Timestamp(lenient: text) else { return nil }
    // `timegm` takes the 31st of June for the 1st of July; what is written back tells.
    let written = read.description
    guard text == written || text == written.prefix(19) + "Z" else { return nil }
    self = read
  }

  private init?(lenient text: String) {
    var bytes = Array(text.utf8)
    guard bytes.last == UInt8(ascii: "Z") else { return nil }
    bytes.removeLast()
    func number(_ range: Range<Int>) -> Int32? {
      guard range.upperBound <= bytes.count else { return nil }
      return Int32(String(decoding: bytes[range], as: UTF8.self))
    }
    let separators: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
    guard bytes.count == 19 || (bytes.count == 23 && bytes[19] == UInt8(ascii: ".")),
      separators.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      let fraction = bytes.count == 23 ? number(20..<23) : 0
    else { return nil }
    var parts = tm()
    parts.tm_year = year - 1900
    parts.tm_mon = month - 1
    parts.tm_mday = day
    parts.tm_hour = hour
    parts.tm_min = minute
    parts.tm_sec = second
    self.init(milliseconds: Int64(timegm(&parts)) * 1000 + Int64(fraction))
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
