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
  /// Every object that is stored has some, so they are written into the string itself.
  public var description: String {
    let seconds = milliseconds.flooredQuotient(1000)
    let fraction = milliseconds - seconds * 1000
    let day = seconds.flooredQuotient(Self.secondsOfDay)
    let second = seconds - day * Self.secondsOfDay
    let date = CivilDate(day: day)
    return String(unsafeUninitializedCapacity: 24) { text in
      Self.write(date.year, 4, "-", at: 0, of: text)
      Self.write(date.month, 2, "-", at: 5, of: text)
      Self.write(date.day, 2, "T", at: 8, of: text)
      Self.write(second / 3600, 2, ":", at: 11, of: text)
      Self.write(second / 60 % 60, 2, ":", at: 14, of: text)
      Self.write(second % 60, 2, ".", at: 17, of: text)
      Self.write(fraction, 3, "Z", at: 20, of: text)
      return 24
    }
  }

  private static func write(
    _ number: Int64, _ digits: Int, _ end: Unicode.Scalar, at place: Int,
    of text: UnsafeMutableBufferPointer<UInt8>
  ) {
    var rest = number
    for index in (place..<place + digits).reversed() {
      text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    text[place + digits] = UInt8(ascii: end)
  }

  /// Reads what `description` writes, with or without a fraction; nil for anything else, days that
  /// no calendar has among it (guarded by `TimestampTests`).
  public init?(_ text: String) {
    var text = text
    guard let moment = text.withUTF8(Self.read) else { return nil }
    self = moment
  }

  private static let secondsOfDay: Int64 = 86_400

  /// What stands between the numbers of a moment with a fraction.
  private static let pattern = Array("0000-00-00T00:00:00.000Z".utf8)

  private static func read(_ text: UnsafeBufferPointer<UInt8>) -> Timestamp? {
    let hasFraction = text.count == pattern.count
    guard hasFraction || text.count == 20, text.last == UInt8(ascii: "Z") else { return nil }
    for (index, expected) in pattern.enumerated().prefix(text.count - 1) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index])
      guard expected == UInt8(ascii: "0") ? isDigit : text[index] == expected else { return nil }
    }
    func number(_ range: Range<Int>) -> Int64 {
      text[range].reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    let date = CivilDate(year: number(0..<4), month: number(5..<7), day: number(8..<10))
    let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
    // The 31st of June is the 1st of July by its number of days; what comes back from that tells.
    guard CivilDate(day: date.number) == date, hour < 24, minute < 60, second < 60 else {
      return nil
    }
    let seconds = date.number * secondsOfDay + hour * 3600 + minute * 60 + second
    return Timestamp(milliseconds: seconds * 1000 + (hasFraction ? number(20..<23) : 0))
  }
}

/// A day of the Gregorian calendar, in proleptic use.
private struct CivilDate: Equatable {
  var year: Int64
  var month: Int64
  var day: Int64

  init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  // Years are counted from March on, so that the leap day is a year's last, and in eras of 400 years,
  // which all have as many days.
  private static let daysOfEra: Int64 = 146_097
  /// From the era's beginning, the 1st of March of the year 0, to the 1st of January 1970.
  private static let epoch: Int64 = 719_468

  /// - Parameter number: days since the 1st of January 1970.
  init(day number: Int64) {
    let days = number + Self.epoch
    let era = days.flooredQuotient(Self.daysOfEra)
    let dayOfEra = days - era * Self.daysOfEra
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days since the 1st of January 1970.
  var number: Int64 {
    let yearFromMarch = month <= 2 ? year - 1 : year
    let era = yearFromMarch.flooredQuotient(400)
    let yearOfEra = yearFromMarch - era * 400
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * Self.daysOfEra + dayOfEra - Self.epoch
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
