internal import JSON
public import Model

/// How attempts begin, go on and end: the rollout's own machine.
extension RolloutStatus {
  /// What a pass does about the attempt.
  public enum Course: Sendable, Equatable {
    /// Another attempt began: flush before any child is touched.
    case began
    case goesOn
  }

  /// Begins an attempt where the spec asks for what no attempt has tried, or a person asked for another.
  ///
  /// Nothing begins while the rollout is paused. An attempt that goes on ends Stopped by the next one.
  ///
  /// - Parameter retry: the number of the ended attempt that is to be followed by another; nil = none.
  public mutating func resolve(
    _ spec: RolloutSpec, isPaused: Bool, retry: Int64?, tally: ChildTally, at now: Timestamp
  ) -> Course {
    guard !isPaused else { return .goesOn }
    let isOther =
      attempt.map { $0.replicas != spec.replicas || template($0.revision) != spec.template } ?? true
    let isAskedFor =
      attempt.map { $0.state.isTerminal && $0.state != .complete && retry == $0.number } ?? false
    guard isOther || isAskedFor else { return .goesOn }
    let number = (attempt?.number ?? 0) + 1
    if attempt?.state.isTerminal == false {
      attempt?.detail = "superseded by attempt \(number)"
      end(.stopped, tally, at: now)
    }
    let wasPromoted = attempt?.isPromoted ?? false
    let earlier = attempt?.revision
    let revision = putInForce(spec.template, at: now)
    attempt = AttemptStatus(
      number: number, revision: revision, replicas: spec.replicas, onFailure: spec.onFailure,
      state: .pending, isHeld: false, startedAt: now, completedAt: nil, detail: "",
      isPromoted: wasPromoted && earlier == revision, isAnnounced: false)
    return .began
  }

  /// The number of the template, which is the first of the revisions from then on.
  private mutating func putInForce(_ template: RolloutSpec.Template, at now: Timestamp) -> Int64 {
    let number: Int64
    if let index = revisions.firstIndex(where: { $0.template == template }) {
      number = revisions.remove(at: index).number
    } else {
      lastRevision += 1
      number = lastRevision
    }
    revisions.insert(RevisionRecord(number: number, template: template, appliedAt: now), at: 0)
    revisions = Self.kept(revisions)
    return number
  }

  /// As many as the history may have, and no more than have room beside the rest of the status; the one
  /// in force is kept whatever its size.
  private static func kept(_ revisions: [RevisionRecord]) -> [RevisionRecord] {
    var bytes = 0
    return Array(
      revisions.prefix(historyLimit).enumerated().prefix { index, revision in
        bytes += revision.json.serialized().count
        return index == 0 || bytes <= historyBytes
      }.map(\.element))
  }

  /// Lets the attempt become what its children make of it.
  ///
  /// An attempt that has ended stays ended, with two exceptions. It may become worse, since turns that
  /// were under way end after it and the end must not depend on which was seen first. And Failed becomes
  /// Running where a corrected record derives the hold: then it has not ended.
  ///
  /// - Invariant: nothing else leaves a terminal state (guarded by `AttemptTests`, all pairs).
  /// - Throws: `RevivalRefused` with both states; nothing has changed.
  public mutating func take(
    _ projection: Projection, _ tally: ChildTally, detail: String, at now: Timestamp
  ) throws(RevivalRefused) {
    guard let present = attempt else { preconditionFailure("there is an attempt") }
    if present.state == projection.state, present.state.isTerminal { return }
    guard !present.state.isTerminal || projection.state.isWorse(than: present.state) else {
      guard present.state == .failed, projection.isHeld else {
        throw RevivalRefused(
          attempt: present.number, from: present.state, to: projection.state)
      }
      revive()
      attempt?.detail = detail
      return
    }
    attempt?.isHeld = projection.isHeld
    attempt?.detail = detail
    if projection.state.isTerminal {
      end(projection.state, tally, at: present.completedAt ?? now)
    } else {
      attempt?.state = projection.state
    }
  }

  /// Each attempt has one entry and counts once, whatever it went through.
  private mutating func end(_ state: RolloutState, _ tally: ChildTally, at moment: Timestamp) {
    guard var ended = attempt else { return }
    if ended.state.isTerminal { forgetEnd(of: &ended) }
    ended.state = state
    ended.isHeld = false
    ended.completedAt = moment
    attempt = ended
    totals[state, default: 0] += 1
    attempts.insert(
      AttemptRecord(
        number: ended.number, revision: ended.revision, state: state, onFailure: ended.onFailure,
        startedAt: ended.startedAt, completedAt: moment, complete: tally[.complete],
        failed: tally[.failed], replicas: ended.replicas, detail: ended.detail,
        isAnnounced: ended.isAnnounced), at: 0)
    attempts = Array(attempts.prefix(Self.historyLimit))
  }

  private mutating func revive() {
    guard var revived = attempt else { return }
    forgetEnd(of: &revived)
    revived.state = .running
    revived.isHeld = true
    revived.completedAt = nil
    attempt = revived
  }

  private mutating func forgetEnd(of ended: inout AttemptStatus) {
    totals[ended.state, default: 1] -= 1
    guard let index = attempts.firstIndex(where: { $0.number == ended.number }) else { return }
    // What was told is not told again.
    ended.isAnnounced = attempts[index].isAnnounced
    attempts.remove(at: index)
  }

  /// Ended attempts whose end nobody was told of.
  public var unannounced: [AttemptRecord] { attempts.filter { !$0.isAnnounced } }

  /// All that ended was told of.
  public mutating func setAnnounced() {
    for index in attempts.indices { attempts[index].isAnnounced = true }
  }
}

extension RolloutState {
  /// Among terminal states, in the order of a projection's base.
  func isWorse(than other: RolloutState) -> Bool {
    guard let place = Self.worstFirst.firstIndex(of: self),
      let otherPlace = Self.worstFirst.firstIndex(of: other)
    else { return false }
    return place < otherPlace
  }

  /// Complete is no end that turns worse: all children were complete.
  private static let worstFirst: [RolloutState] = [.failed, .cancelled, .stopped, .reverted]
}
