/// Replays the devices' common log and says who could not talk to whom, after every single entry.
///
/// Two members of a group can talk if each holds the key that the other transmits with, each at the time
/// of its own clock. Cut-off devices are left out; those that crashed are not, as if they still talked.
///
/// - Invariant: after an entry every pair is evaluated anew, because time passed for all of them
///   (guarded by `TalkCheckerTests`, with logs broken on purpose).
public struct TalkChecker: Sendable {
  /// A member that does not understand another, or that has nothing to say.
  public struct Finding: Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
      /// No key of the sender's has started on its clock.
      case mute
      /// The receiver does not hold what the sender transmits with.
      case deaf(receiver: String, key: String)
      /// An entry is missing from the log, or there twice.
      case sequence(expected: Int64, found: Int64)
    }

    /// Counts the entries of the log from 1.
    public var entry: Int
    public var group: String
    public var sender: String
    public var problem: Problem

    public init(entry: Int, group: String, sender: String, _ problem: Problem) {
      self.entry = entry
      self.group = group
      self.sender = sender
      self.problem = problem
    }

    public var description: String {
      switch problem {
      case .mute: "entry \(entry): \(sender) has no key to transmit with in \(group)"
      case .deaf(let receiver, let key):
        "entry \(entry): \(receiver) does not hold \(key), with which \(sender) transmits in \(group)"
      case .sequence(let expected, let found):
        "entry \(entry): \(sender) is at sequence \(found) where \(expected) is due"
      }
    }
  }

  /// Entries so far.
  public private(set) var entries = 0
  /// Ordered pairs that were evaluated so far, over all entries.
  public private(set) var pairs = 0
  public private(set) var findings: [Finding] = []
  private var devices: [String: ChangeEntry] = [:]

  public init() {}

  /// Takes the next line of the log.
  public mutating func take(_ entry: ChangeEntry) {
    entries += 1
    let expected = (devices[entry.device]?.sequence ?? 0) + 1
    if entry.sequence != expected {
      findings.append(
        Finding(
          entry: entries, group: "", sender: entry.device,
          .sequence(expected: expected, found: entry.sequence)))
    }
    devices[entry.device] = entry
    for (group, members) in members() { check(group, members, at: entry.atMicroseconds) }
  }

  /// Who is in a group and online, in the order of their names.
  private func members() -> [(group: String, members: [(name: String, entry: ChangeEntry)])] {
    var groups: [String: [(name: String, entry: ChangeEntry)]] = [:]
    for (name, entry) in devices.sorted(by: { $0.key < $1.key }) where entry.isOnline {
      for group in Set(entry.table.members.map(\.group)) {
        groups[group, default: []].append((name, entry))
      }
    }
    return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private mutating func check(
    _ group: String, _ members: [(name: String, entry: ChangeEntry)], at wall: Int64
  ) {
    let members = members.map { ($0.name, $0.entry, keys: $0.entry.table.keys(of: group)) }
    // Few keys are transmitted with at a time: who lacks one is looked up once for all its senders.
    var deaf: [String: [String]] = [:]
    for (sender, entry, keys) in members {
      let clock = DeviceTime(wallMicroseconds: wall, skewMicroseconds: entry.skewMicroseconds)
      guard let key = keys?.transmits(at: clock) else {
        findings.append(Finding(entry: entries, group: group, sender: sender, .mute))
        continue
      }
      pairs += members.count - 1
      let receivers =
        deaf[key] ?? members.filter { !($0.keys?.accepts(key) ?? false) }.map(\.0)
      deaf[key] = receivers
      for receiver in receivers {
        findings.append(
          Finding(
            entry: entries, group: group, sender: sender, .deaf(receiver: receiver, key: key)))
      }
    }
  }
}

extension DeviceTable {
  /// The keys that the device uses in the group; nil = the group is not known to it.
  public func keys(of group: String) -> KeySet? { keyMaps[group].flatMap { keySets[$0] } }
}
