import Synchronization
import TTRPC

/// Something that happens once, and that one waits for by looking.
final class Completion: Sendable {
  private let isDone = Atomic(false)

  func finish() { isDone.store(true, ordering: .releasing) }

  func wait(on loop: EventLoop) async {
    while !isDone.load(ordering: .acquiring) { try? await loop.sleep(for: .milliseconds(1)) }
  }
}
