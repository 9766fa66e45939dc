/// A value that lives on one event loop, in a box that may go anywhere.
///
/// Connections and calls are plain classes that only the loop's thread touches. Closures that come
/// back to the loop carry them in this box, and opening it elsewhere traps.
///
/// - Invariant: the value is used on the loop's thread alone (unguarded: a test can't outlive the
///   trap).
struct LoopBound<Value>: @unchecked Sendable {
  // Unchecked because Value isn't Sendable: it came in by `sending`, so nobody else has it, or on
  // the loop's thread, where all that has it is; it goes out through `value` alone, which checks. Values must be fit to be released on
  // any thread: their deinits touch nothing but their own memory and descriptors.
  private let storage: Value
  let loop: EventLoop

  init(_ value: sending Value, on loop: EventLoop) {
    storage = value
    self.loop = loop
  }

  /// Boxes what lives on the loop already; called there.
  init(confined value: Value, on loop: EventLoop) {
    precondition(loop.isOnLoop, "a value of event loop \(loop.name) was boxed on another thread")
    storage = value
    self.loop = loop
  }

  var value: Value {
    precondition(loop.isOnLoop, "a value of event loop \(loop.name) was used on another thread")
    return storage
  }
}
