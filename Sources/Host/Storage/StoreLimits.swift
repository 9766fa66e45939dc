/// What the store may be at most.
public struct StoreLimits: Sendable {
  /// The database file; beyond it writes fail as on a full disk.
  public var fileBytes: Int64
  /// One object's body; below a frame's 4 MiB, so that whatever is stored can be read.
  public var bodyBytes: Int
  /// Changes kept for watchers: who is further behind has to list again.
  public var history: Int
  /// Writes waiting for the next commit; more are refused.
  public var queuedWrites: Int
  /// Writes in one transaction.
  public var batch: Int
  /// Watches waiting at once; more are refused.
  public var watches: Int

  public init(
    fileBytes: Int64 = 16 << 30, bodyBytes: Int = (4 << 20) - (64 << 10), history: Int = 4096,
    queuedWrites: Int = 65_536, batch: Int = 512, watches: Int = 1024
  ) {
    precondition(history > 0 && queuedWrites > 0 && batch > 0 && watches > 0)
    self.fileBytes = fileBytes
    self.bodyBytes = bodyBytes
    self.history = history
    self.queuedWrites = queuedWrites
    self.batch = batch
    self.watches = watches
  }
}
