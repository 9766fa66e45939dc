public import Diagnostics
internal import JSON
internal import LinuxSystem
public import Manifests
internal import Model
internal import PluginSupervision

/// What a mortise.yaml says; absent members leave the choice to flags and defaults.
///
/// Read by `mortise serve`, again on SIGHUP, and by `mortise config`.
public struct HostConfiguration: Sendable, Equatable {
  public var stateDirectory: String?
  public var pluginDirectory: String?
  public var socketPath: String?
  public var logLevel: LogLevel?
  public var logFormat: LogFormat?
  public var stopGrace: Duration?
  public var externalAcceptance: Duration?
  public var storeBytesMax: Int64?
  public var storeHistory: Int?
  public var storeWatches: Int?

  /// Longest file that is read.
  static let fileBytesMax = 1 << 20
  /// A host that has not ended after that long has to be killed from outside.
  static let stopGraceMax = Milliseconds.seconds(600)
  static let externalAcceptanceMax = Milliseconds.seconds(3600)
  /// Of `sockaddr_un`, without the final zero.
  static let socketPathBytesMax = 107
  static let storeBytesMin: UInt64 = 1 << 20

  /// One that says nothing.
  public init() {}

  /// Reads a file and checks it. Relative paths in it are below the file's own folder.
  ///
  /// - Parameter path: absolute.
  /// - Throws: all that is wrong, each with file, line, column and path.
  public init(file path: String) throws(ManifestError) {
    let text: [UInt8]
    do throws(SystemError) {
      text = try FileSystem.read(path, limit: Self.fileBytesMax)
    } catch {
      throw Self.refusal(path, "\(error)")
    }
    let documents = try ManifestDocument.parse(text, source: path)
    guard documents.count == 1 else {
      throw Self.refusal(path, "must hold one document, holds \(documents.count)")
    }
    try self.init(documents[0], folder: FileSystem.parent(of: path))
  }

  init(_ document: ManifestDocument, folder: String) throws(ManifestError) {
    let found = Self.schema.validate(document.value)
    guard found.isEmpty else { throw ManifestError(problems: document.problems(found)) }
    var problems: [ManifestProblem] = []
    let value = document.value
    func path(_ name: String) -> String? {
      value[name]?.string.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
    }
    stateDirectory = path("state")
    pluginDirectory = path("plugins")
    socketPath = path("socket")
    if let bytes = socketPath?.utf8.count, bytes > Self.socketPathBytesMax {
      problems.append(
        document.problem(
          at: "socket", "has \(bytes) bytes; the kernel takes \(Self.socketPathBytesMax)"))
    }
    logLevel = value["log"]?["level"]?.string.flatMap { LogLevel(name: $0) }
    logFormat = value["log"]?["format"]?.string.map { $0 == "json" ? .json : .text }
    storeHistory = value["store"]?["history"]?.integer.map { Int($0) }
    storeWatches = value["store"]?["watches"]?.integer.map { Int($0) }
    func duration(_ group: String, _ name: String, _ longest: Milliseconds) -> Duration? {
      guard let text = value[group]?[name] else { return nil }
      do throws(MappingError) {
        return try Self.duration(JSONReader(text, path: "\(group).\(name)"), longest)
      } catch {
        problems.append(document.problem(at: error.path, error.message))
        return nil
      }
    }
    stopGrace = duration("stop", "grace", Self.stopGraceMax)
    externalAcceptance = duration("external", "acceptance", Self.externalAcceptanceMax)
    if let size = value["store"]?["size"]?.string {
      if let bytes = PluginManifest.bytes(size), bytes >= Self.storeBytesMin,
        bytes <= UInt64(Int64.max)
      {
        storeBytesMax = Int64(bytes)
      } else {
        problems.append(
          document.problem(
            at: "store.size", "must be at least 1Mi, in whole bytes, Ki, Mi, Gi or Ti: 16Gi"))
      }
    }
    if !problems.isEmpty { throw ManifestError(problems: problems) }
  }

  private static func duration(_ reader: JSONReader, _ longest: Milliseconds) throws(MappingError)
    -> Duration
  {
    let duration = try reader.duration()
    guard duration.count > 0, duration <= longest else {
      throw reader.fail("must be longer than nothing and at most \(longest.count / 60_000)m")
    }
    return .milliseconds(duration.count)
  }

  private static func refusal(_ source: String, _ message: String) -> ManifestError {
    ManifestError(problems: [
      ManifestProblem(source: source, position: nil, path: "", message: message)
    ])
  }
}
