/// Who the host is towards its plugins.
public struct HostIdentity: Sendable, Equatable {
  /// Unique for each start of a host.
  public var instance: String
  /// Rises with every start of a host on its store, so that a plugin can refuse a stale one.
  public var epoch: UInt64
  /// Version of the host's program.
  public var version: String

  public init(instance: String, epoch: UInt64, version: String) {
    self.instance = instance
    self.epoch = epoch
    self.version = version
  }
}
