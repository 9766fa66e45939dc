public import LinuxSystem

/// What a handler may know of its call.
public struct ServerContext: Sendable {
  /// Who called. For a listener that another process made and handed over, the kernel names that
  /// process to clients, but here it is always the caller.
  public let peerCredentials: PeerCredentials
  /// When the caller stops waiting, nil = never. Its handler's task is cancelled then.
  public let deadline: MonotonicTime?
  /// Tells connections of one server apart; never used twice.
  public let connectionID: UInt64
  /// Where the handler runs. Whatever blocks must not run here.
  public let loop: EventLoop
}
