internal import TTRPC

/// The one timer of an actor on the loop: setting it again replaces it.
///
/// - Isolation: confined to the actor that owns it.
struct SingleTimer {
  private var task: Task<Void, Never>?
  private var number = 0

  /// - Parameter fired: is given a number for `isPresent`: a timer that fired just before it was
  ///   replaced is to be ignored.
  mutating func set(
    _ delay: Duration, on loop: EventLoop, _ fired: @escaping @Sendable (Int) async -> Void
  ) {
    cancel()
    let number = number
    task = loop.spawn {
      do {
        try await loop.sleep(for: delay)
      } catch {
        return
      }
      await fired(number)
    }
  }

  mutating func cancel() {
    number += 1
    task?.cancel()
    task = nil
  }

  func isPresent(_ number: Int) -> Bool { number == self.number }
}
