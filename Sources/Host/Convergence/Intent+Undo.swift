public import Model

/// What an intent remembers of the plans that changed it, and how it goes back.
extension Intent {
  /// What it asks for.
  public internal(set) var content: IntentContent {
    get { IntentContent(spec: spec, specVersion: specVersion, references: references) }
    set {
      spec = newValue.spec
      specVersion = newValue.specVersion
      references = newValue.references
    }
  }

  /// Keeps what is there before a plan's first change to it.
  ///
  /// - Invariant: a plan's later changes leave its touch as it is (guarded by `TouchTests`).
  mutating func remember(_ mark: TouchMark?) {
    guard let mark else { return }
    // One plan at a time owns what a resource owns: an earlier one's touch is of no use any more.
    if !owner.isShared { touches.removeAll { $0.plan != mark.plan } }
    guard !touches.contains(where: { $0.plan == mark.plan }) else { return }
    touches.append(
      Touch(plan: mark.plan, order: mark.order, prior: isWanted ? content : nil))
  }

  /// What it remembers of that plan; nil = the plan has not changed it.
  public func touch(of plan: String) -> Touch? { touches.first { $0.plan == plan } }

  /// Takes back what the plan did to it: its prior content comes back; what was not there goes, unless
  /// it is still referenced. Where a later plan has changed it since, that one inherits what was before,
  /// and the intent stays as it is.
  ///
  /// - Returns: false where there is nothing to take back.
  /// - Throws: `TaskError` where another resource holds the intent.
  public mutating func undo(
    _ plan: String, owner: IntentOwner, writer: IntentWriter, isReferenced: Bool
  ) throws(TaskError) -> Bool {
    guard let index = touches.firstIndex(where: { $0.plan == plan }) else { return false }
    try refuseStranger(owner)
    let touch = touches.remove(at: index)
    self.writer = writer
    if index < touches.endIndex {
      touches[index].prior = touch.prior
    } else if let prior = touch.prior {
      if prior != content || !stands { become(prior) }
    } else if isWanted ? !isReferenced : state == .removeFailed {
      become(.deletePending)
      isReleased = true
    }
    return true
  }

  /// The plan's change set is not needed any more. What a resource owns, and stays, forgets the plan
  /// with the next one's first change instead: that saves a write for each intent of each plan.
  ///
  /// - Returns: false where nothing is to be written.
  public mutating func release(_ plan: String) -> Bool {
    guard owner.isShared || !isWanted else { return false }
    let before = touches.count
    touches.removeAll { $0.plan == plan }
    return touches.count != before
  }

  /// Gone, and no plan remembers it: its object can go.
  public var isForgotten: Bool { state == .removed && touches.isEmpty }
}
