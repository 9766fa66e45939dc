import Glibc
import JSON
import LinuxSystem
import PluginSDK
import SwitchboardDefects

/// Appends a line to a file: an effect that can be counted.
struct Note: ExternalTask, ValidatingTask {
  struct Params: Codable { var file: String, text: String }
  struct Outputs: Codable { var text: String }
  static let name = "note"
  static let version = "1.0.0"
  static let paramsSchema: JSONValue = [
    "type": "object", "required": ["file", "text"],
    "properties": ["file": ["type": "string"], "text": ["type": "string"]],
  ]
  static let outputsSchema: JSONValue = [
    "type": "object", "required": ["text"], "properties": ["text": ["type": "string"]],
  ]

  let defect: Defect?

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<Outputs> {
    if defect != .actsBeforeItsJournal { try EffectFile.append(to: params.file) }
    return .complete(Outputs(text: params.text))
  }

  func validate(_ params: Params) async -> [String] {
    if defect == .validatesByDoing { try? EffectFile.append(to: params.file) }
    return []
  }
}

/// The same with all that a type may offer.
struct Undo: RevertibleTask, PreviewableTask, ExpandableTask {
  struct Params: Codable { var file: String }
  static let name = "undo"
  static let version = "1.0.0"

  let defect: Defect?

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    try EffectFile.append(to: params.file)
    return .complete
  }

  func revert(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    if defect == .needsSomethingToRevert, try FileSystem.status(params.file) == nil {
      throw TaskFailure.terminal("NothingThere", "\(params.file) does not exist")
    }
    try FileSystem.remove(params.file)
    return .complete
  }

  func preview(_ params: Params, _ context: TaskContext) async throws -> String {
    "append a line to \(params.file)"
  }

  func expand(_ params: Params, _ resource: ResourceReference) async throws -> [TaskPhase] {
    [TaskPhase("open", isRevertible: true), TaskPhase("write", isRevertible: true)]
  }
}

/// Goes on until it is cancelled.
struct Slow: ExternalTask {
  struct Params: Codable {}
  static let name = "slow"
  static let version = "1.0.0"
  static let maxConcurrent: Int? = 4

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    .running(handle: Array(context.taskID.utf8)) {
      try await context.sleep(.seconds(3600))
      return .complete
    }
  }

  func recover(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<NoOutputs> { .finished(try await execute(params, context)) }
}

/// Acts through an intent.
struct Plan: IntentTask {
  struct Params: Codable { var size: Int }
  static let name = "plan"
  static let version = "1.0.0"
  static let intentKinds = ["Flag"]

  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    let key = IntentKey("Flag", "default/sample")
    if context.step > 1 { return .complete }
    return .wait(
      Wait(
        set: [IntentWrite(key, spec: ["size": .integer(Int64(params.size))])],
        until: .committed(key)))
  }
}

/// Does nothing and has no outputs.
struct Bare: ExternalTask {
  static let name = "bare"
  static let version = "1.0.0"
  static let isIdempotent = true

  func execute(_ params: JSONValue, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    .complete
  }
}

/// Writes a megabyte to its log in one line, and then some.
struct Chatty: ExternalTask {
  static let name = "chatty"
  static let version = "1.0.0"

  let defect: Defect?

  func execute(_ params: JSONValue, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    if defect == .diesOfFullPipes {
      let flags = fcntl(STDERR_FILENO, F_GETFL)
      _ = fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK)
    }
    let width = defect == .cutsLogLines ? 8 << 10 : 1 << 20
    for _ in 0..<(1 << 20) / width { write(String(repeating: "x", count: width)) }
    for number in 0..<500 { write("line \(number)") }
    return .complete
  }

  private func write(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes {
        Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0, defect == .diesOfFullPipes { _exit(3) }
      start += max(count, 0)
    }
  }
}

/// The file that shows how often something was done.
enum EffectFile {
  static func append(to path: String) throws(SystemError) {
    try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND).writeAll(Array("done\n".utf8))
  }
}
