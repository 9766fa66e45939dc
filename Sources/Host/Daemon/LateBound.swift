internal import Synchronization

/// A reference that is set once, after those who use it were made: ties the engine's rings.
final class LateBound<Value: Sendable>: Sendable {
  private let slot = Mutex<Value?>(nil)

  func bind(_ value: Value) {
    slot.withLock { slot in
      precondition(slot == nil, "bound twice")
      slot = value
    }
  }

  /// Nil only while the engine is being put together.
  var value: Value? { slot.withLock { $0 } }
}
