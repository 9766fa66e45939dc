import JSON
import LinuxSystem
public import PluginSDK

/// Writes a greeting into a file, at once or after a while.
public struct Greet: ExternalTask {
  public struct Params: Codable, Sendable {
    public var file: String
    public var name: String
    /// How long to wait before; absent = not at all.
    public var seconds: Int?
  }

  public struct Outputs: Codable, Sendable {
    public var greeting: String
  }

  public static let name = "@name@-greet"
  public static let version = "1.0.0"
  /// The same file with the same content, however often.
  public static let isIdempotent = true

  public static let paramsSchema: JSONValue = [
    "type": "object", "required": ["file", "name"],
    "properties": [
      "file": ["type": "string", "pattern": "^/"], "name": ["type": "string", "minLength": 1],
      "seconds": ["type": "integer", "minimum": 0],
    ],
  ]
  public static let outputsSchema: JSONValue = [
    "type": "object", "required": ["greeting"], "properties": ["greeting": ["type": "string"]],
  ]

  public init() {}

  public func execute(
    _ params: Params, _ context: TaskContext
  ) async throws -> TaskOutcome<Outputs> {
    guard let seconds = params.seconds, seconds > 0 else { return .complete(try greet(params)) }
    return .running(progress: Progress("waiting for \(seconds) s")) {
      try await context.sleep(.seconds(seconds))
      return .complete(try greet(params))
    }
  }

  /// The process died during a step: the file says whether the greeting was written.
  public func recover(
    _ params: Params, handle: [UInt8], _ context: TaskContext
  ) async throws -> Recovery<Outputs> {
    let greeting = greeting(params)
    guard try FileSystem.status(params.file) != nil,
      try FileSystem.read(params.file) == Array(greeting.utf8)
    else { return .notStarted }
    return .finished(.complete(Outputs(greeting: greeting)))
  }

  private func greeting(_ params: Params) -> String { "Hello, \(params.name)!" }

  private func greet(_ params: Params) throws -> Outputs {
    let greeting = greeting(params)
    do throws(SystemError) {
      try AtomicFile.write(greeting.utf8, to: params.file)
    } catch {
      throw TaskFailure.transient("WriteFailed", error.description)
    }
    return Outputs(greeting: greeting)
  }
}
