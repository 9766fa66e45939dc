/// What an operator sees of a plugin at one moment.
public struct PluginSnapshot: Sendable, Equatable {
  public var name: String
  public var version: String
  /// The name of its folder, which tells versions apart even where plugin.yaml can't be read.
  public var place: String
  /// Whether somebody else runs it: then `place` is its socket.
  public var isExternal = false
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
  /// Tasks of stored plans that this version began and that have not ended.
  public var references = 0
  /// Whether new work goes to this version.
  public var isServing = false
  /// Calls that were answered since the host started.
  public var calls: UInt64 = 0
  /// Within which half of them, and 99 of 100, were answered; too high by at most a quarter.
  public var medianMicroseconds: UInt64 = 0
  public var slowMicroseconds: UInt64 = 0
  /// What an operator ordered.
  public var hold: PluginHold?
  public var taskTypes: [String]
  public var intentKinds: [String]
  /// Why it is not Ready, or what an operator should know though it is; may be empty.
  public var message: String

  /// As `PluginHandle.id`.
  public var id: String { Self.id(name, version, isExternal: isExternal) }

  /// How plans and operators name a version: the one place that makes such names.
  public static func id(_ name: String, _ version: String, isExternal: Bool) -> String {
    "\(name)@\(version)" + (isExternal ? externalMark : "")
  }

  /// No version has such a character.
  static let externalMark = "~external"

  /// Whether an operator who says this means the version: by the plugin's name, or by its own.
  public func isMeant(by text: String) -> Bool { text == name || text == id || text == place }

  mutating func measure(_ meter: PluginMeter) {
    inFlight = meter.current
    let latencies = meter.latencies
    calls = latencies.count
    medianMicroseconds = latencies.microseconds(quantile: 0.5)
    slowMicroseconds = latencies.microseconds(quantile: 0.99)
  }
}
