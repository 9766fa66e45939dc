import PluginProto

/// The changes that the host may not know of yet, newest last, in a bounded buffer.
///
/// Later news of one task or target replaces earlier news, so that a plugin that reports a lot does not
/// push others out. A pure value; `UpdateFeed` adds the waiting.
struct UpdateLog: Sendable {
  /// Most changes that are kept; a reader who is further behind is told to treat all as changed.
  static let changesMax = 4096
  /// Most changes in one reply; the next reply has those after them. A host takes no more.
  static let changesPerReplyMax = 1024
  /// Most intents named in one target's change.
  static let changedIntentsMax = 1024

  private enum Subject: Hashable, Sendable {
    case task(String, UInt32)
    case target(String)
  }

  private enum Change: Sendable {
    case task(PluginV1.TaskUpdate)
    case target(PluginV1.TargetChange)
  }

  private let start: UInt64
  private var last: UInt64
  /// Readers with a cursor before this one may have missed something.
  private var floor: UInt64
  private var changes: [(cursor: UInt64, subject: Subject, change: Change)] = []
  private let changesMax: Int

  /// - Parameter start: the first cursor; above every one that an earlier process of the plugin gave
  ///   out, so that its cursors are recognized as foreign.
  init(start: UInt64, changesMax: Int = UpdateLog.changesMax) {
    self.start = start
    self.changesMax = changesMax
    last = start
    floor = start
  }

  mutating func append(_ update: PluginV1.TaskUpdate) {
    let subject = Subject.task(update.taskID, update.attempt)
    changes.removeAll { $0.subject == subject }
    append(subject, .task(update))
  }

  mutating func append(_ change: PluginV1.TargetChange) {
    let subject = Subject.target(change.target?.name ?? "")
    var merged = change
    if let index = changes.firstIndex(where: { $0.subject == subject }),
      case .target(let earlier) = changes.remove(at: index).change
    {
      merged.changed = earlier.changed.filter { !change.changed.contains($0) } + change.changed
    }
    if merged.changed.count > Self.changedIntentsMax {
      // Too many to name: everyone verifies everything.
      last += 1
      floor = last
      merged.changed = change.changed.suffix(Self.changedIntentsMax)
    }
    append(subject, .target(merged))
  }

  private mutating func append(_ subject: Subject, _ change: Change) {
    last += 1
    changes.append((last, subject, change))
    if changes.count > changesMax { floor = changes.removeFirst().cursor }
  }

  /// What changed after the cursor; nil where nothing did and there is nothing to tell.
  ///
  /// - Parameter cursor: of an earlier reply; 0 = from the start of this process.
  func read(after cursor: UInt64) -> PluginV1.UpdatesReply? {
    let isForeign = cursor != 0 && !(start...last).contains(cursor)
    let isReset = isForeign || max(cursor, start) < floor
    let from = isForeign ? start : cursor
    var reply = PluginV1.UpdatesReply(cursor: last, reset: isReset)
    for (at, _, change) in changes where at > from {
      if reply.tasks.count + reply.targets.count == Self.changesPerReplyMax { break }
      reply.cursor = at
      switch change {
      case .task(let update): reply.tasks.append(update)
      case .target(let change): reply.targets.append(change)
      }
    }
    return isReset || !reply.tasks.isEmpty || !reply.targets.isEmpty ? reply : nil
  }

  /// What a reader gets for whom nothing changed.
  func nothing() -> PluginV1.UpdatesReply { PluginV1.UpdatesReply(cursor: last) }
}
