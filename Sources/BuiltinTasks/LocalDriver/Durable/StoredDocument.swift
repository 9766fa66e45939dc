import JSON
import LinuxSystem

/// JSON files of the data directory: written whole or not at all.
enum StoredDocument {
  /// A file that the driver wrote can't be read back: someone else changed it.
  struct Damage: Error, CustomStringConvertible {
    var path: String
    var problem: String
    var description: String { "\(path) \(problem): restore it or move the directory away" }
  }

  static func read(_ path: String) throws -> JSONValue {
    let bytes = try FileSystem.read(path)
    do {
      return try JSONValue(parsing: bytes)
    } catch {
      throw Damage(path: path, problem: "is no JSON (\(error))")
    }
  }

  static func write(_ document: JSONValue, to path: String) throws(SystemError) {
    try AtomicFile.write(document.serialized(), to: path, mode: 0o600)
  }
}
