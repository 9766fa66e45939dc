public import JSON
public import Model

/// How an intent changes; with `Intent+Undo` the only places where its state is written.
extension Intent {
  /// A fresh intent, wanted by a task; its plan remembers that it was not there.
  public static func wanted(
    _ write: IntentWrite, uid: String, owner: IntentOwner, writer: IntentWriter, mark: TouchMark?
  ) -> Intent {
    var intent = Intent(write: write, uid: uid, owner: owner, writer: writer)
    if let mark { intent.touches = [Touch(plan: mark.plan, order: mark.order, prior: nil)] }
    return intent
  }

  /// Takes a task's wish; false where this very delivery has written it before.
  ///
  /// A wish for what is being removed wins over the removal: the later wish counts.
  ///
  /// - Parameter mark: of the plan that remembers what was before; nil = none does.
  /// - Throws: `TaskError` where another resource holds the intent.
  public mutating func want(
    _ write: IntentWrite, owner: IntentOwner, writer: IntentWriter, mark: TouchMark? = nil
  ) throws(TaskError) -> Bool {
    try refuseStranger(owner)
    if self.writer == writer { return false }
    let content = IntentContent(
      spec: write.spec, specVersion: write.specVersion, references: write.references)
    self.writer = writer
    guard content != self.content || !stands else { return true }
    remember(mark)
    become(content)
    return true
  }

  /// Takes the wish that it be gone; false where this very delivery has asked for it before, or
  /// where nobody new asks and it is under way already.
  ///
  /// A delivery asks once, or a removal that was given up on would start anew each time its Wait is
  /// looked at, and never fail it. `writer` is nil where the owner itself goes.
  ///
  /// - Parameter isReleased: whether the removal is off where another intent comes to need it.
  public mutating func unwant(
    owner: IntentOwner, writer: IntentWriter? = nil, mark: TouchMark? = nil,
    isReleased: Bool = false
  ) throws(TaskError) -> Bool {
    try refuseStranger(owner)
    if let writer {
      if self.writer == writer { return false }
      self.writer = writer
    } else if state == .deletePending {
      return false
    } else {
      // Nobody will bring it back.
      touches = []
    }
    guard state != .deletePending, state != .removed else { return true }
    remember(mark)
    become(.deletePending)
    self.isReleased = isReleased
    return true
  }

  /// The driver made the spec true, as of the generation that it was asked for.
  public mutating func applied(generation: Int64, observed: JSONValue, at now: Timestamp) {
    guard state != .removed else { return }
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
    guard state != .deletePending, state != .removed, generation == self.generation
    else { return }
    state = .commitFailed
    self.error = error
    failures += 1
    notBefore =
      isRecoverable ? now + Backoff.intent.delay(failures: failures, seed: uid) : nil
  }

  /// The driver removed it. It stays as a tombstone where a plan remembers what it was, and can go
  /// where none does.
  ///
  /// - Returns: false where it is wanted again meanwhile.
  public mutating func removed() -> Bool {
    guard state == .deletePending else { return false }
    become(.removed)
    observed = .null
    verifiedAt = nil
    return true
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

  /// The driver has begun and is not done; what it waits for is shown as the error.
  ///
  /// - Returns: false where that is known already, or another wish came meanwhile.
  public mutating func underWay(generation: Int64, _ error: TaskError) -> Bool {
    guard state != .removed, state != .removeFailed, generation == self.generation else {
      return false
    }
    let isNews = self.error != error || state == .committed || notBefore != nil
    if state != .deletePending { state = .pending }
    self.error = error
    failures = 0
    notBefore = nil
    return isNews
  }

  /// A removal on the condition that nobody needs it is off: somebody does.
  public mutating func keep() {
    guard state == .deletePending, isReleased else { return }
    become(.pending)
  }

  /// The driver looked; true where the present state differs from what was known.
  public mutating func verified(observed: JSONValue, at now: Timestamp) -> Bool {
    guard state != .removed else { return false }
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

  /// Somebody wants it there, whether it is or not.
  public var isWanted: Bool {
    switch state {
    case .pending, .committed, .commitFailed: true
    case .deletePending, .removeFailed, .removed: false
    }
  }

  /// Wanted, and nothing went wrong with it.
  var stands: Bool { state == .pending || state == .committed }

  mutating func become(_ content: IntentContent) {
    // What was gone is another thing when it comes again.
    if spec != content.spec || specVersion != content.specVersion || state == .removed {
      generation += 1
    }
    let isSame = spec == content.spec && specVersion == content.specVersion
    self.content = content
    // Other references alone are nothing to its driver.
    if !isSame || !stands { become(.pending) }
  }

  mutating func become(_ state: IntentState) {
    self.state = state
    error = nil
    failures = 0
    notBefore = nil
    isReleased = false
  }

  func refuseStranger(_ owner: IntentOwner) throws(TaskError) {
    guard self.owner.uid != owner.uid else { return }
    throw TaskError(
      reason: "OwnedByAnother",
      message: "\(key) belongs to \(self.owner.resource) (uid \(self.owner.uid))")
  }
}
