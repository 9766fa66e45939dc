import Glibc
import GroupKeys
import JSON
import LinuxSystem
import TTRPC

/// The program `mortise-device`: runs devices, changes their circumstances, and checks their log.
public enum DeviceCommand {
  static let usage = """
    usage: mortise-device run --fleet DIR NAME…
           mortise-device set --fleet DIR NAME… [--offline | --online] [--skew SECONDS]
                              [--key-sets N] [--groups N] [--members N]
           mortise-device show --fleet DIR [NAME…]
           mortise-device check --fleet DIR

    run    starts each device as a process of its own and ends with them
    set    cuts devices off or lets them back, skews their clocks, changes what they hold
    show   prints the tables of devices, running or not
    check  replays the log of all devices: every pair of members, after every single entry

    """

  /// Runs the program; returns its exit status: 0, 1 = failed, 64 = wrong usage.
  ///
  /// - Parameter arguments: without the program's name.
  public static func main(_ arguments: [String]) -> Int32 {
    do {
      let line = try DeviceCommandLine(arguments)
      switch line.verb {
      case .run: return try DeviceRun.run(line)
      case .set: return try set(line)
      case .show: return try show(line)
      case .check: return try check(line)
      }
    } catch let error as DeviceCommandLine.Mistake {
      complain("\(error)\n\(usage)")
      return 64
    } catch {
      complain("\(error)")
      return 1
    }
  }

  private static func set(_ line: DeviceCommandLine) throws -> Int32 {
    for name in line.names {
      var settings = try DeviceSettings.read(line.place, name)
      line.change(&settings)
      try settings.write(line.place, name)
    }
    return 0
  }

  private static func show(_ line: DeviceCommandLine) throws -> Int32 {
    for name in line.names.isEmpty ? try line.place.names() : line.names {
      let settings = try DeviceSettings.read(line.place, name)
      let path = line.place.record(of: name)
      guard try FileSystem.status(path) != nil else {
        say("\(name): has never run")
        continue
      }
      let entry = try ChangeEntry(JSONValue(parsing: try FileSystem.read(path))["entry"] ?? .null)
      say("\(name): \(settings.isOnline ? "online" : "cut off"), \(clock(settings))")
      for (keySet, keys) in entry.table.keySets.sorted(by: { $0.key < $1.key }) {
        let epochs = keys.epochs.map {
          "\($0.name) from \($0.start.json.string ?? "\($0.start.microseconds)")"
        }
        say("  key set \(keySet): \(epochs.joined(separator: ", "))")
      }
      for (group, keySet) in entry.table.keyMaps.sorted(by: { $0.key < $1.key }) {
        let endpoints = entry.table.members.filter { $0.group == group }.map(\.endpoint).sorted()
        say("  group \(group): key set \(keySet), endpoints \(endpoints)")
      }
    }
    return 0
  }

  private static func clock(_ settings: DeviceSettings) -> String {
    let seconds = Double(settings.skewMicroseconds) / 1e6
    if seconds == 0 { return "its clock is right" }
    return "its clock is \(seconds.magnitude) s \(seconds < 0 ? "behind" : "ahead")"
  }

  private static func check(_ line: DeviceCommandLine) throws -> Int32 {
    let checker = try DeviceLog.check(line.place)
    for finding in checker.findings { say("\(finding)") }
    say(
      "\(checker.entries) entries, \(checker.pairs) pairs evaluated, "
        + "\(checker.findings.count) that could not talk")
    return checker.findings.isEmpty ? 0 : 1
  }

  static func say(_ text: String) {
    let bytes = Array("\(text)\n".utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
  }

  static func complain(_ text: String) {
    let bytes = Array("mortise-device: \(text)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
