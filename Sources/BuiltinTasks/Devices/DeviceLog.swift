public import GroupKeys
import JSON
import LinuxSystem

/// The log that all devices of a fleet share, read as a whole.
public enum DeviceLog {
  private static let bytesMax = 256 << 20

  /// Every entry in the order in which it was written.
  ///
  /// - Throws: a line that can't be read, with its number.
  public static func entries(_ place: FleetPlace) throws -> [ChangeEntry] {
    guard try FileSystem.status(place.log) != nil else { return [] }
    let bytes = try FileSystem.read(place.log, limit: bytesMax)
    var entries: [ChangeEntry] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      do {
        entries.append(try ChangeEntry(JSONValue(parsing: line)))
      } catch {
        throw TableFormatError("\(place.log):\(index + 1): \(error)")
      }
    }
    return entries
  }

  /// Replays the log.
  public static func check(_ place: FleetPlace) throws -> TalkChecker {
    var checker = TalkChecker()
    for entry in try entries(place) { checker.take(entry) }
    return checker
  }
}
