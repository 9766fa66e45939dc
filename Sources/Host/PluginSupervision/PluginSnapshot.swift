/// What an operator sees of a plugin at one moment.
public struct PluginSnapshot: Sendable, Equatable {
  public var name: String
  public var version: String
  /// `sha256:…` of what runs; empty before its first verification.
  public var digest: String
  public var phase: PluginPhase
  /// 0 where no process lives.
  public var pid: Int32
  /// When the present process was started, in milliseconds since the Unix epoch; 0 where none lives.
  public var startedUnixMS: Int64
  public var restarts: Int
  /// Calls that wait for an answer.
  public var inFlight: Int
  public var taskTypes: [String]
  public var intentKinds: [String]
  /// Why it is not Ready, or what an operator should know though it is; may be empty.
  public var message: String
}
