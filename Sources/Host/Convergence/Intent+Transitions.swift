public import JSON
public import Model

/// How an intent changes; the only places where its state is written.
extension Intent {
  /// Takes a task's wish; false where this very delivery has written it before.
  ///
  /// A wish for what is being removed wins over the removal: the later wish counts.
  ///
  /// - Throws: `TaskError` where another resource holds the intent.
  public mutating func want(_ write: IntentWrite, owner: IntentOwner, writer: IntentWriter)
    throws(TaskError) -> Bool
  {
    try refuseStranger(owner)
    if self.writer == writer { return false }
    let isSame = spec == write.spec && specVersion == write.specVersion
    let stands = state == .pending || state == .committed
    self.writer = writer
    references = write.references
    if isSame, stands { return true }
    if !isSame {
      spec = write.spec
      specVersion = write.specVersion
      generation += 1
    }
    become(.pending)
    return true
  }

  /// Takes the wish that it be gone; false where this very delivery has asked for it before, or
  /// where nobody new asks and it is under way already.
  ///
  /// A delivery asks once, or a removal that was given up on would start anew each time its Wait is
  /// looked at, and never fail it. `writer` is nil where the owner itself goes.
  public mutating func unwant(owner: IntentOwner, writer: IntentWriter? = nil) throws(TaskError)
    -> Bool
  {
    try refuseStranger(owner)
    if let writer {
      if self.writer == writer { return false }
      self.writer = writer
    } else if state == .deletePending {
      return false
    }
    if state != .deletePending { become(.deletePending) }
    return true
  }

  /// The driver made the spec true, as of the generation that it was asked for.
  public mutating func applied(generation: Int64, observed: JSONValue, at now: Timestamp) {
    self.observed = observed
    verifiedAt = now
    // A wish that came while the driver worked is the later one, and stays to be done.
    guard state != .deletePending, generation == self.generation else { return }
    become(.committed)
  }

  /// The driver could not make the spec true; where that is recoverable, it is tried again after a
  /// back-off, else the intent is given up on.
  public mutating func applyFailed(
    generation: Int64, _ error: TaskError, isRecoverable: Bool, at now: Timestamp
  ) {
    guard state != .deletePending, generation == self.generation else { return }
    state = .commitFailed
    self.error = error
    failures += 1
    notBefore =
      isRecoverable ? now + Backoff.intent.delay(failures: failures, seed: uid) : nil
  }

  /// The driver could not remove it; where that is final, the intent stays as removeFailed, to be seen.
  public mutating func removeFailed(_ error: TaskError, isRecoverable: Bool, at now: Timestamp) {
    guard state == .deletePending else { return }
    self.error = error
    failures += 1
    if isRecoverable {
      notBefore = now + Backoff.intent.delay(failures: failures, seed: uid)
    } else {
      state = .removeFailed
      notBefore = nil
    }
  }

  /// The driver looked; true where the present state differs from what was known.
  public mutating func verified(observed: JSONValue, at now: Timestamp) -> Bool {
    let changed = self.observed != observed || verifiedAt == nil
    if changed {
      self.observed = observed
      verifiedAt = now
    }
    return changed
  }

  /// The driver gave up on it, and nothing but another wish will change that.
  public var isGivenUp: Bool {
    (state == .commitFailed && notBefore == nil) || state == .removeFailed
  }

  private mutating func become(_ state: IntentState) {
    self.state = state
    error = nil
    failures = 0
    notBefore = nil
  }

  private func refuseStranger(_ owner: IntentOwner) throws(TaskError) {
    guard self.owner.uid != owner.uid else { return }
    throw TaskError(
      reason: "OwnedByAnother",
      message: "\(key) belongs to \(self.owner.resource) (uid \(self.owner.uid))")
  }
}
