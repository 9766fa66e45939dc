import JSON
import LinuxSystem

/// The files that outlive the agent's process, each written in one piece or not at all.
///
/// Layout: `tasks/<id>.json` the records, `effects.log` what was done, `ready.json` the readiness
/// of this pod, `validated` the hash of the configuration that passed validation last.
struct StateDirectory: Sendable {
  let path: String

  /// A file larger than this was not written by the agent.
  static let fileSizeLimit = 16 << 20

  /// - Throws: `SystemError` where the directories can't be made.
  init(path: String) throws(SystemError) {
    self.path = path
    try FileSystem.makeDirectories(path + "/tasks", mode: 0o700)
  }

  var effectsLog: String { path + "/effects.log" }
  var readiness: String { path + "/ready.json" }
  var validated: String { path + "/validated" }
  var scratch: String { path + "/scratch" }

  func record(id: String) -> String { path + "/tasks/\(id).json" }

  /// The records of all tasks in the order of submission.
  func records() throws(AgentError) -> [TaskRecord] {
    var records: [TaskRecord] = []
    let names: [String]
    do throws(SystemError) { names = try FileSystem.list(path + "/tasks") } catch {
      throw .system(error)
    }
    for name in names where name.hasSuffix(".json") {
      let file = path + "/tasks/" + name
      guard let json = try Self.json(at: file) else { continue }
      guard let record = TaskRecord(stored: json), record.id + ".json" == name else {
        throw .corruptState(path: file, problem: "is no task record")
      }
      records.append(record)
    }
    return records.sorted { $0.sequence < $1.sequence }
  }

  /// Nil where there is no such file.
  static func json(at path: String) throws(AgentError) -> JSONValue? {
    let content: [UInt8]?
    do throws(SystemError) { content = try contentIfPresent(path) } catch { throw .system(error) }
    guard let content else { return nil }
    do throws(JSONParseError) {
      return try JSONValue(parsing: content)
    } catch {
      throw .corruptState(path: path, problem: "is no JSON: \(error)")
    }
  }

  static func contentIfPresent(_ path: String) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try FileSystem.read(path, limit: fileSizeLimit)
    } catch  where error.isNotFound {
      return nil
    }
  }
}
