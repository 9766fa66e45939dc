import GroupKeys
import JSON
import PluginSDK

/// What a rotation asks for next, in each of its phases; nil = the phase is over.
struct RotationStep {
  var rotation: KeyRotation
  var view: GroupView
  /// The gate of the step before was about these devices.
  var isVerified: Bool

  /// Every device holds the new key, and none transmits with it.
  func distribute() throws(TableRefusal) -> Wait? {
    let writes = try distributing(view.holders)
    if isVerified, writes.isEmpty, areCommitted { return nil }
    return Wait(set: writes, until: view.allSettled)
  }

  /// Every device transmits with the new key: first whoever joined late gets it, then all turn to it.
  func activate() throws(TableRefusal) -> Wait? {
    let hasBegun = view.holders.contains { $0.keys.current == rotation.newKey }
    if !hasBegun {
      let writes = try distributing(view.holders)
      guard isVerified, writes.isEmpty, areCommitted else {
        return Wait(set: writes, until: view.allSettled)
      }
    }
    return try untilAllTransmit()
  }

  /// Every device has the new key alone: first whoever joined late turns to it.
  func cleanUp() throws(TableRefusal) -> Wait? {
    if let wait = try untilAllTransmit() { return wait }
    let writes = view.holders.filter { $0.keys != rotation.cleaned }.map {
      view.write($0.device, rotation.cleaned)
    }
    return writes.isEmpty ? nil : Wait(set: writes, until: view.allSettled)
  }

  /// Nil once every device confirmed that it transmits with the new key.
  private func untilAllTransmit() throws(TableRefusal) -> Wait? {
    var writes: [IntentWrite] = []
    for holder in view.holders where holder.keys.current != rotation.newKey {
      let keys = try rotation.activated(holder.keys, inUse: view.inUse)
      writes.append(view.write(holder.device, keys))
    }
    guard isVerified, writes.isEmpty, areCommitted else {
      return Wait(set: writes, until: view.allSettled)
    }
    let silent = view.holders.filter { $0.transmits != rotation.newKey }
    if silent.isEmpty { return nil }
    return Wait(
      until: Gate(
        silent.map {
          Gate.Clause(view.key($0.device), .equals("transmits", .string(rotation.newKey)))
        }))
  }

  private func distributing(_ holders: [GroupView.Holder]) throws(TableRefusal) -> [IntentWrite] {
    var writes: [IntentWrite] = []
    for holder in holders {
      let keys = try rotation.distributed(holder.keys, inUse: view.inUse)
      if keys != holder.keys { writes.append(view.write(holder.device, keys)) }
    }
    return writes
  }

  private var areCommitted: Bool { view.holders.allSatisfy(\.isCommitted) }
}
