import LinuxSystem
import PluginSDK

/// Writes a file: done before the call returns.
struct WriteFile: ExternalTask {
  struct Params: Codable { var path: String, content: String }
  static let name = "write-file"
  static let version = "1.0.0"
  static let isIdempotent = true
  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    do throws(SystemError) {
      try AtomicFile.write(params.content.utf8, to: params.path)
    } catch {
      throw TaskFailure.transient("WriteFailed", error.description)
    }
    return .complete
  }
}

/// Waits until a file is there: goes on after the call, across restarts of the plugin.
struct AwaitFile: ExternalTask {
  struct Params: Codable { var path: String }
  static let name = "await-file"
  static let version = "1.0.0"
  func execute(_ params: Params, _ context: TaskContext) async throws -> TaskOutcome<NoOutputs> {
    .running {
      while try FileSystem.status(params.path) == nil {
        try await context.sleep(.milliseconds(100))
      }
      return .complete
    }
  }

  func recover(_ params: Params, handle: [UInt8], _ context: TaskContext) async throws
    -> Recovery<NoOutputs>
  { .finished(try await execute(params, context)) }
}

Plugin(name: "files", version: "1.0.0", tasks: [WriteFile(), AwaitFile()]).run()
