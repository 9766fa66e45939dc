import Glibc
import GroupKeys
import JSON
import LinuxSystem

/// What a device remembers, on disk before anyone is told of it.
///
/// The record holds the log's entry that belongs to it, so that a device that is killed between the two
/// writes its entry when it starts again. Both come before the answer to whoever asked for the change.
///
/// - Invariant: the log has every entry of a device once and in order (guarded by `DeviceProcessTests`).
struct DeviceStore {
  private let place: FleetPlace
  private let log: Descriptor
  /// As it was logged last.
  private(set) var entry: ChangeEntry
  /// By key set and name, with the fingerprint.
  private var secrets: [String: String]

  private static let logBytesMax = 256 << 20

  /// Takes up what is on disk.
  ///
  /// - Throws: what can't be read, with its path: a device that lost its table does not begin with an
  ///   empty one.
  init(_ place: FleetPlace, device: String, atMicroseconds: Int64) throws {
    self.place = place
    log = try Descriptor.open(place.log, O_WRONLY | O_CREAT | O_APPEND)
    entry = ChangeEntry(
      device: device, sequence: 0, atMicroseconds: atMicroseconds, skewMicroseconds: 0,
      isOnline: true, table: DeviceTable())
    secrets = [:]
    let path = place.record(of: device)
    guard try FileSystem.status(path) != nil else { return }
    do {
      let record = try JSONValue(parsing: try FileSystem.read(path))
      entry = try ChangeEntry(record["entry"] ?? .null)
      for (name, secret) in record["secrets"]?.object?.members ?? [] {
        secrets[name] = secret.string
      }
    } catch let error as SystemError {
      throw error
    } catch {
      throw TableFormatError("\(path): \(error)")
    }
    if try Self.lastSequence(of: device, in: place.log) < entry.sequence { try append(entry) }
  }

  /// Makes a change durable and logged; false where nothing changed.
  ///
  /// - Throws: `TableRefusal`, then nothing changed; `SystemError`, then whether it is on disk is not known
  ///   and the process must not go on.
  mutating func make(
    _ change: SecretChange, within capacity: DeviceCapacity, atMicroseconds: Int64
  ) throws -> Bool {
    var table = entry.table
    guard try table.make(change.change, within: capacity) else { return false }
    for (name, secret) in change.secrets { secrets[name] = secret }
    let held = table.keySets.flatMap { set, keys in
      keys.names.map { SecretChange.place(of: $0, in: set) }
    }
    secrets = secrets.filter { held.contains($0.key) }
    try commit(atMicroseconds) { $0.table = table }
    return true
  }

  /// Takes settings over, where they differ from what was logged last.
  mutating func take(_ settings: DeviceSettings, atMicroseconds: Int64) throws(SystemError) {
    guard
      entry.sequence == 0 || entry.skewMicroseconds != settings.skewMicroseconds
        || entry.isOnline != settings.isOnline
    else { return }
    try commit(atMicroseconds) { entry in
      entry.skewMicroseconds = settings.skewMicroseconds
      entry.isOnline = settings.isOnline
    }
  }

  private mutating func commit(
    _ atMicroseconds: Int64, _ change: (inout ChangeEntry) -> Void
  ) throws(SystemError) {
    var next = entry
    change(&next)
    next.sequence += 1
    next.atMicroseconds = atMicroseconds
    let record: JSONValue = [
      "entry": next.json,
      "secrets": .object(
        JSONObject(secrets.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
    ]
    try AtomicFile.write(
      record.serialized(), to: place.record(of: next.device), mode: 0o600)
    try append(next)
    entry = next
  }

  /// One write, so that the lines of several devices never mix.
  private func append(_ entry: ChangeEntry) throws(SystemError) {
    try log.writeAll(entry.json.serialized() + [UInt8(ascii: "\n")])
    try log.synchronize()
  }

  private static func lastSequence(of device: String, in path: String) throws -> Int64 {
    let bytes = try FileSystem.read(path, limit: logBytesMax)
    for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
      let json = try JSONValue(parsing: line)
      if json["device"]?.string == device { return json["sequence"]?.integer ?? 0 }
    }
    return 0
  }
}
