/// How much of a repeated thing a run does.
public struct Effort: Sendable {
  /// Request messages with bytes changed at random.
  public var mutatedMessages = 10_000
  /// Params with bytes changed at random.
  public var mutatedParams = 10_000
  /// Moments at which the process is killed.
  public var kills = 20
  /// Tasks after which the process's memory, descriptors and threads are counted.
  public var tasks = 1_000
  /// Connections that are made and closed again.
  public var connections = 200

  /// What a release of a plugin is tested with.
  public static let thorough = Effort()

  /// Enough to find what is always wrong; for whoever waits for the answer.
  public static let quick: Effort = {
    var effort = Effort()
    effort.mutatedMessages = 200
    effort.mutatedParams = 150
    effort.kills = 2
    effort.tasks = 40
    effort.connections = 40
    return effort
  }()
}
