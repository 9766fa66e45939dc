import Glibc
import JSON
import LinuxSystem

/// What the agent did to the world: one JSON line for each task, written after the effect and
/// before the task's record says that it ended.
///
/// A line is the proof that the effect is done: a resumed task that has one takes its end from
/// there and does nothing again.
///
/// - Invariant: no id has two lines (guarded by `SidecarCrashTests`).
/// - Isolation: the worker's thread alone.
final class EffectsLog {
  private let path: String
  private var states: [String: TaskRecord.State] = [:]

  /// Reads what is there and cuts off a last line that a crash left torn.
  ///
  /// - Throws: `AgentError.corruptState` for a line that the agent did not write.
  init(path: String) throws(AgentError) {
    self.path = path
    let content: [UInt8]
    do throws(SystemError) {
      content = try StateDirectory.contentIfPresent(path) ?? []
    } catch { throw .system(error) }
    let whole = content.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    for line in content[..<whole].split(separator: UInt8(ascii: "\n")) {
      guard let json = try? JSONValue(parsing: Array(line)), let id = json["id"]?.string,
        let state = TaskRecord.State(stored: json)
      else {
        let text = String(decoding: line.prefix(120), as: UTF8.self)
        throw .corruptState(path: path, problem: "holds the foreign line '\(text)'")
      }
      states[id] = state
    }
    guard whole < content.count, truncate(path, off_t(whole)) != 0 else { return }
    throw .system(SystemError(code: errno, call: "truncate", subject: path))
  }

  /// How the task ended, where its effect is done.
  func state(of id: String) -> TaskRecord.State? { states[id] }

  /// Durable when it returns.
  func append(_ record: TaskRecord) throws(SystemError) {
    precondition(record.isTerminal, "task \(record.id) is logged without an end")
    var line = JSONObject([("effect", .string(record.type.rawValue)), ("id", .string(record.id))])
    for member in record.state.json.members { line[member.name] = member.value }
    let file = try Descriptor.open(path, O_WRONLY | O_APPEND | O_CREAT, mode: 0o644)
    try file.writeAll(JSONValue.object(line).serialized() + [UInt8(ascii: "\n")])
    try file.synchronize()
    states[record.id] = record.state
  }

  /// Forgets the lines of tasks that the agent no longer knows, once they are the greater part.
  func compact(keeping isKept: (String) -> Bool) throws(SystemError) {
    let kept = states.filter { isKept($0.key) }
    guard kept.count * 2 < states.count else { return }
    let content = try StateDirectory.contentIfPresent(path) ?? []
    let lines = content.split(separator: UInt8(ascii: "\n")).filter { line in
      guard let id = (try? JSONValue(parsing: Array(line)))?["id"]?.string else { return false }
      return kept[id] != nil
    }
    try AtomicFile.write(lines.flatMap { $0 + [UInt8(ascii: "\n")] }, to: path)
    states = kept
  }
}
