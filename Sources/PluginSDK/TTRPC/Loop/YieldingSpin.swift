internal import Glibc

/// Whether a loop looks again for a while before it sleeps, and for how long.
///
/// Waking another processor costs tens of microseconds, more than a small call takes. A loop that
/// has just had something to do therefore yields its processor and looks again, for
/// `windowNanoseconds` at most. That pays only where the next event comes within the window and
/// nobody else wants the processor; this machine finds out by itself, from how long its sleeps and
/// spins were:
///
/// off → on: so many sleeps in a row as `evidenceWanted` were short. On → off: the time that spins
/// lost has used up what others gained; then twice as much evidence is wanted the next time.
///
/// It knows no clock: times come in with the events. An idle loop sleeps, whatever the state.
///
/// - Invariant: without short sleeps nothing is ever spun (guarded by `YieldingSpinTests`).
struct YieldingSpin: Equatable {
  /// The longest spin.
  static let windowNanoseconds: UInt64 = 50_000
  /// A sleep as short as this may have been a spin: the waking itself is most of it.
  static let shortSleepNanoseconds: UInt64 = 200_000
  /// What a sleep costs that a spin has saved: putting a thread to sleep and waking it.
  static let gainNanoseconds: Int64 = 10_000
  /// What spins may have gained at most, so that old gains don't hide present losses.
  static let creditMaxNanoseconds: Int64 = 2_000_000

  static let evidenceMin = 4
  static let evidenceMax = 1 << 16

  /// Never on, whatever comes.
  let isForbidden: Bool
  private(set) var isOn = false
  private(set) var evidenceWanted = evidenceMin
  private var evidence = 0
  private var credit: Int64 = 0

  init(isForbidden: Bool = false) { self.isForbidden = isForbidden }

  /// Forbidden where the environment has MORTISE_SPIN=0, as docs/performance.md says.
  static func ofEnvironment() -> YieldingSpin {
    YieldingSpin(isForbidden: getenv("MORTISE_SPIN").map { String(cString: $0) == "0" } ?? false)
  }

  /// A sleep after activity ended with an event.
  mutating func slept(_ nanoseconds: UInt64) {
    guard !isOn, !isForbidden else { return }
    evidence = nanoseconds <= Self.shortSleepNanoseconds ? evidence + 1 : 0
    guard evidence >= evidenceWanted else { return }
    isOn = true
    credit = Self.creditMaxNanoseconds / 4
  }

  /// A spin ended, with an event or in vain.
  ///
  /// One that took longer than the window was kept from the processor by others, who got it for
  /// longer than a sleeping thread would have had to wait: that is a loss, event or not.
  mutating func spun(_ nanoseconds: UInt64, foundEvent: Bool) {
    if foundEvent, nanoseconds <= Self.windowNanoseconds {
      credit = min(credit + Self.gainNanoseconds, Self.creditMaxNanoseconds)
      if credit == Self.creditMaxNanoseconds { evidenceWanted = Self.evidenceMin }
      return
    }
    credit -= Int64(clamping: nanoseconds)
    guard credit < 0 else { return }
    isOn = false
    evidence = 0
    evidenceWanted = min(2 * evidenceWanted, Self.evidenceMax)
  }
}
