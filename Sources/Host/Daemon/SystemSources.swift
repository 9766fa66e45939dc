internal import LinuxSystem
internal import Model
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

/// Random UUIDs from the kernel.
struct RandomIDSource: IDSource {
  func next() -> String {
    // Two calls of the kernel's generator, not one for each byte.
    var generator = SystemRandomNumberGenerator()
    let halves = [generator.next(), generator.next()] as [UInt64]
    return Digest.uuid4(random: halves.withUnsafeBytes { Array($0) })
  }
}

/// Carries the outcome of the work on the loop to the thread that ran it.
final class Outcome: Sendable {
  private let slot = LateBound<HostError>()

  func fail(_ error: HostError) { slot.bind(error) }

  var error: HostError? { slot.value }
}
