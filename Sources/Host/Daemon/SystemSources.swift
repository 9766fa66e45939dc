internal import Glibc
internal import LinuxSystem
internal import Model
internal import Synchronization
internal import TTRPC

/// The machine's wall clock, waited for on the event loop.
struct SystemTimeSource: TimeSource {
  let loop: EventLoop

  func now() -> Timestamp { Timestamp(milliseconds: WallTime.nowUnixMS()) }

  func wait(until moment: Timestamp) async {
    let left = moment - now()
    guard left.count > 0 else { return }
    // A cancelled wait ends early, as the protocol says.
    try? await loop.sleep(for: .milliseconds(left.count))
  }
}

/// Random UUIDs from the kernel, which is asked for many at once.
final class RandomIDSource: IDSource {
  /// Not given yet.
  private let ahead = Mutex<[UInt64]>([])

  /// Halves of ids that the kernel is asked for at once: 256 bytes are the most that it gives.
  private static let batch = 32

  func next() -> String {
    let halves = ahead.withLock { ahead in
      if ahead.isEmpty { ahead = Self.draw() }
      return [ahead.removeLast(), ahead.removeLast()]
    }
    return Digest.uuid4(random: halves.withUnsafeBytes { Array($0) })
  }

  private static func draw() -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: batch) { halves, count in
      let bytes = UnsafeMutableRawBufferPointer(halves)
      precondition(
        getentropy(bytes.baseAddress, bytes.count) == 0,
        "the kernel gives 256 random bytes always and at once")
      count = batch
    }
  }
}

/// Carries the outcome of the work on the loop to the thread that ran it.
final class Outcome: Sendable {
  private let slot = LateBound<HostError>()

  func fail(_ error: HostError) { slot.bind(error) }

  var error: HostError? { slot.value }
}
