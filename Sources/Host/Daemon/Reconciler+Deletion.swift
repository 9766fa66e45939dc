internal import Execution
internal import JSON
internal import Model

extension Reconciler {
  /// One pass over a resource that is to go: its plan is stopped, its intents go band by band
  /// from the highest, then the object.
  func deletionPass(_ read: Reading) async throws(StoreError) -> Next {
    var resource = read.resource
    let now = environment.time.now()
    resource.status.phase = Self.deletingPhase
    if Self.isToStop(resource) {
      return try await advance(resource, before: read, intents: [], isStopping: true)
    }
    let intents = await book.owned(byUID: resource.metadata.uid)
    guard !intents.isEmpty else {
      // First, so that none is left behind by a crash between the two.
      for plan in resource.status.plans where plan.reverts == nil {
        await book.release(plan.changeSet, plan.intents)
      }
      try await events.forget(resource.metadata.uid)
      try await environment.store.delete(resource.key, version: resource.version)
      await forget(resource.key)
      await forgetTasks(resource.status, ResourceStatus())
      return .whenWoken
    }
    let stuck = intents.filter { $0.state == .removeFailed || $0.error != nil }
    resource.status.setCondition(
      ConditionType.deleting, .isTrue,
      reason: stuck.isEmpty ? "RemovingIntents" : Self.removeFailedReason,
      message: (stuck.isEmpty ? intents : stuck).map(describe).sorted().joined(separator: "; "),
      generation: resource.metadata.generation, at: now)
    do {
      try await flush(resource, before: read)
    } catch {
      // Where there is no room to say that it goes, it goes all the same.
      guard case .refused = error else { throw error }
    }
    await removeHighestBand(of: intents, owner: resource)
    return .whenWoken
  }

  static let deletingPhase = "Deleting"
  /// Of the condition Deleting.
  static let removeFailedReason = "RemoveFailed"

  private func describe(_ intent: Intent) -> String {
    let cause = intent.error.map { " (\($0.reason): \($0.message))" } ?? ""
    return "\(intent.key) is \(intent.state.rawValue)\(cause)"
  }

  private func removeHighestBand(of intents: [Intent], owner resource: Resource) async {
    let banded = intents.map { ($0, driver.band(ofKind: $0.key.kind, on: $0.key.target)) }
    let highest = banded.map(\.1).max() ?? 0
    let owner = IntentOwner(resource: resource.key, uid: resource.metadata.uid)
    for (intent, band) in banded where band == highest && intent.state != .removeFailed {
      do {
        try await book.remove(intent.key, by: IntentBook.Author(owner: owner))
      } catch {
        preconditionFailure("the resource owns what was listed as its own: \(error)")
      }
    }
  }
}
