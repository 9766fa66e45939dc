internal import Model
internal import Rollout
internal import TTRPC

/// Follows a rollout and its children until it has come to something, and shows how.
///
/// On a terminal the table is redrawn in place; elsewhere each change is a line.
///
/// - Isolation: the command's own task and the two feeds that it starts share the board's lock.
struct RolloutFollower: Sendable {
  var link: HostLink
  var reference: ObjectReference
  var board: RolloutBoard
  /// Whether a failure that lets the others go on is waited out.
  var isPatient: Bool
  var timeout: Duration?

  private enum Report: Sendable {
    case ended(ExitCode)
    case failed(CommandFailure)
    case timedOut
    case stopped
  }

  /// Returns with what the rollout has come to.
  ///
  /// - Cancellation: exit code 130; the rollout goes on.
  /// - Throws: exit code 4 where it is not there or goes; 6 where time ran out; 3 where the host is gone.
  func follow(childKind: String) async throws(CommandFailure) -> ExitCode {
    let report = await withTaskGroup(of: Report.self) { group in
      group.addTask { await followRollout() }
      group.addTask { await followChildren(childKind) }
      if let timeout {
        group.addTask {
          do {
            try await link.loop.sleep(for: timeout)
            return .timedOut
          } catch {
            return .stopped
          }
        }
      }
      defer { group.cancelAll() }
      return await group.next() ?? .stopped
    }
    switch report {
    case .ended(let code): return code
    case .failed(let failure): throw failure
    case .timedOut:
      throw CommandFailure(
        .timedOut,
        "mortise: timed out; the rollout goes on. Look again with: "
          + "mortise rollout status \(reference.name) --wait")
    case .stopped:
      throw CommandFailure(.interrupted, "mortise: interrupted; the rollout goes on")
    }
  }

  private func followRollout() async -> Report {
    var end: (resource: Resource, code: ExitCode)?
    do throws(CommandFailure) {
      try await ObjectFeed(link: link, selection: ObjectSelection(reference)).run {
        event throws(CommandFailure) in
        switch event {
        case .lost: try board.note("the host went away; waiting for it to come back")
        case .changed(let object): end = try take(object.resource)
        case .present(let objects):
          guard let object = objects.first else { throw gone }
          end = try take(object.resource)
        case .deleted: throw gone
        }
        return end != nil
      }
      guard let end else { return .stopped }
      // Their feed may be behind: what led to the end is shown with it.
      try board.become(try await link.childrenOfRollout(end.resource))
      try board.take(end.resource)
      return .ended(end.code)
    } catch {
      return .failed(error)
    }
  }

  /// Shows how far it is, unless that is the end.
  private func take(_ resource: Resource)
    throws(CommandFailure) -> (resource: Resource, code: ExitCode)?
  {
    if let code = try RolloutReading(resource).verdict(isPatient: isPatient) {
      return (resource, code)
    }
    try board.take(resource)
    return nil
  }

  private var gone: CommandFailure {
    CommandFailure(.notFound, "mortise: \(reference.sentence) is not there")
  }

  private func followChildren(_ kind: String) async -> Report {
    var selection = ObjectSelection(kind: kind, namespace: reference.namespace)
    selection.selector = "\(NodeDeployment.label)=\(reference.name)"
    do throws(CommandFailure) {
      try await ObjectFeed(link: link, selection: selection).run { event throws(CommandFailure) in
        switch event {
        case .lost: break
        case .present(let objects): try board.become(objects.map(\.resource))
        case .changed(let object): try board.change(object.resource, isGone: false)
        case .deleted(let object): try board.change(object.resource, isGone: true)
        }
        return false
      }
    } catch {
      return .failed(error)
    }
    return .stopped
  }
}

extension HostLink {
  /// All children that a rollout has.
  func childrenOfRollout(_ rollout: Resource) async throws(CommandFailure) -> [Resource] {
    let kind = try RolloutReading(rollout).spec.template.kind
    return try await asking { session throws(CommandFailure) in
      try await session.list(ObjectSelection(ownedBy: rollout.metadata.uid)).objects
    }.map(\.resource).filter { $0.kind == kind }
  }
}
