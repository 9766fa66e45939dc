public import Model

/// Whether a plan's intents find room on their targets: what is there, what is on its way there, and
/// what is asked for, held against what each target holds; pure.
public struct RoomCheck: Sendable, Equatable {
  /// A kind of intents on a target.
  public struct Place: Hashable, Sendable {
    public var target: String
    public var kind: String

    public init(target: String, kind: String) {
      self.target = target
      self.kind = kind
    }
  }

  /// What a driver says of a place.
  public struct Capacity: Sendable, Equatable {
    public var total: UInt64
    public var used: UInt64

    public init(total: UInt64, used: UInt64) {
      self.total = total
      self.used = used
    }
  }

  /// The first place that is too small; nil = there is room, as far as anybody knows.
  public let refusal: TaskError?

  /// - Parameters:
  ///   - adds: the intents that the plan may add.
  ///   - present: the host's intents on the places that are concerned.
  ///   - capacity: nil where the driver names none, or can't be asked: then nothing is checked.
  /// - Invariant: an intent that the target holds, or that is asked for twice, counts once (guarded by
  ///   `RoomCheckTests`).
  public init(
    adds: [IntentKey], present: [Intent], capacity: (Place) -> Capacity?
  ) {
    let wanted = present.filter(\.isWanted)
    let known = Set(wanted.map(\.key))
    let fresh = Set(adds).subtracting(known)
    var places: [Place] = []
    for key in adds {
      let place = Place(target: key.target, kind: key.kind)
      if fresh.contains(key), !places.contains(place) { places.append(place) }
    }
    for place in places {
      guard let capacity = capacity(place) else { continue }
      func isThere(_ key: IntentKey) -> Bool {
        key.target == place.target && key.kind == place.kind
      }
      // What was never seen there takes none of what the driver counts.
      let pending = UInt64(wanted.count { isThere($0.key) && $0.verifiedAt == nil })
      let asked = UInt64(fresh.count(where: isThere))
      guard capacity.used + pending + asked > capacity.total else { continue }
      refusal = TaskError(
        reason: "NoRoom",
        message: "\(place.target) holds \(capacity.total) of \(place.kind): \(capacity.used) are "
          + "there, \(pending) are on their way, and \(asked) more would not fit")
      return
    }
    refusal = nil
  }
}
