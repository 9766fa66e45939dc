internal import Model
internal import TTRPC

/// Follows resources, each to its goal, and shows how they get there.
///
/// The work is the host's: a follower that ends, for whatever reason, changes nothing of it.
struct Follower: Sendable {
  /// One resource and what is waited for.
  struct Pursuit: Sendable {
    var reference: ObjectReference
    var goal: Goal
  }

  var link: HostLink
  var board: ProgressBoard
  /// Nil = as long as it takes.
  var timeout: Duration?

  private enum Report: Sendable {
    case ended(Pursuit, Verdict)
    case failed(CommandFailure)
    case timedOut
    case stopped
  }

  /// Returns once every goal is met.
  ///
  /// - Cancellation: exit code 130, with a word on how to look again.
  /// - Throws: exit code 1 where a goal can't be met any more, told for each; 4 where the resource
  ///   isn't there; 6 where time ran out; 3 where the host is gone.
  func follow(_ pursuits: [Pursuit]) async throws(CommandFailure) {
    let outcome = await withTaskGroup(of: Report.self) { group in
      for pursuit in pursuits { group.addTask { await follow(pursuit) } }
      if let timeout { group.addTask { await expire(after: timeout) } }
      if board.isLive { group.addTask { await refresh() } }
      var failures: [CommandFailure] = []
      var open = pursuits.count
      while open > 0, let report = await group.next() {
        switch report {
        case .ended(let pursuit, let verdict):
          open -= 1
          if let failure = failure(pursuit, verdict) { failures.append(failure) }
        case .failed(let failure):
          group.cancelAll()
          return [failure]
        case .timedOut:
          group.cancelAll()
          return [timedOut(pursuits)]
        case .stopped:
          break
        }
      }
      group.cancelAll()
      return failures
    }
    if Task.isCancelled { throw interrupted(pursuits) }
    guard let first = outcome.first else { return }
    throw CommandFailure(first.code, outcome.map(\.message).joined(separator: "\n"))
  }

  private func follow(_ pursuit: Pursuit) async -> Report {
    let feed = ObjectFeed(link: link, selection: ObjectSelection(pursuit.reference))
    let progress = PursuitProgress(pursuit, board)
    do throws(CommandFailure) {
      try await feed.run { event throws(CommandFailure) in try progress.take(event) }
      return .ended(pursuit, progress.verdict)
    } catch {
      return .failed(error)
    }
  }

  private func expire(after timeout: Duration) async -> Report {
    do {
      try await link.loop.sleep(for: timeout)
      return .timedOut
    } catch {
      return .stopped
    }
  }

  private func refresh() async -> Report {
    do {
      while true {
        try await link.loop.sleep(for: ProgressBoard.tick)
        try board.refresh()
      }
    } catch let failure as CommandFailure {
      return .failed(failure)
    } catch {
      return .stopped
    }
  }

  private func failure(_ pursuit: Pursuit, _ verdict: Verdict) -> CommandFailure? {
    switch verdict {
    case .met, .pending:
      return nil
    case .failed(let reason):
      let reference = pursuit.reference
      return CommandFailure(
        .failed,
        "mortise: \(reference.kind)/\(reference.name): \(reason)\n"
          + "  see: mortise describe \(reference.arguments)")
    case .absent:
      return CommandFailure(
        .notFound,
        "mortise: \(pursuit.reference.sentence) not found. "
          + "See: mortise get \(pursuit.reference.kind)")
    }
  }

  private func timedOut(_ pursuits: [Pursuit]) -> CommandFailure {
    CommandFailure(
      .timedOut,
      "mortise: timed out; the host goes on with the work. Look again with: "
        + watchLines(pursuits))
  }

  private func interrupted(_ pursuits: [Pursuit]) -> CommandFailure {
    CommandFailure(
      .interrupted,
      "mortise: interrupted; the host goes on with the work. Look again with: "
        + watchLines(pursuits))
  }

  private func watchLines(_ pursuits: [Pursuit]) -> String {
    pursuits.map { "mortise watch \($0.reference.arguments)" }.joined(separator: "; ")
  }
}

/// One pursuit's way, from event to event.
///
/// - Isolation: the task that follows it; nothing else has it.
private final class PursuitProgress {
  private let pursuit: Follower.Pursuit
  private let board: ProgressBoard
  private var last: Resource?
  private(set) var verdict = Verdict.pending

  init(_ pursuit: Follower.Pursuit, _ board: ProgressBoard) {
    self.pursuit = pursuit
    self.board = board
  }

  /// True once there is nothing more to wait for.
  func take(_ event: ObjectFeed.Event) throws(CommandFailure) -> Bool {
    switch event {
    case .lost:
      try board.note("the host went away; waiting for it to come back")
      return false
    case .present(let objects):
      try become(objects.first?.resource)
    case .changed(let object):
      try become(object.resource)
    case .deleted:
      try become(nil)
    }
    verdict = pursuit.goal.verdict(on: last)
    return verdict != .pending
  }

  private func become(_ resource: Resource?) throws(CommandFailure) {
    if let resource {
      try board.update(resource)
    } else if let last {
      try board.remove(last.key, named: last.shortName)
    } else if pursuit.goal == .deleted {
      try board.note("\(pursuit.reference.shortName): deleted")
    }
    last = resource
  }
}
