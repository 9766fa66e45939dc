import LinuxSystem
import Synchronization
import TTRPC

/// What this plugin's external tasks did, in a file that outlives the plugin.
///
/// Records are written and forced to disk by a thread of the journal's own, all that wait together at
/// once, so that the event loop never waits for a disk.
///
/// - Invariant: when `append` returns, its record is on disk and so are all before it (guarded by
///   `JournalTests`).
/// - Invariant: a file cut at any byte opens with the records before the cut (guarded by `JournalTests`).
/// - Isolation: a mutex; continuations are resumed after it is released.
final class Journal: Sendable {
  /// Most that is remembered; beyond it steps are refused until the host lets tasks be forgotten.
  static let liveBytesMax = 64 << 20
  /// A smaller file is not worth compacting.
  static let compactedBytesMin = 1 << 20

  private typealias Waiter = CheckedContinuation<JournalError?, Never>

  private struct State {
    var index: JournalIndex
    /// Framed records on their way to the file, and who waits for them.
    var pending: [UInt8] = []
    var waiters: [Waiter] = []
    var isFlushScheduled = false
    /// Set once it is closed, or nobody can tell what is on the disk; then nothing more is taken.
    var failure: JournalError?
  }

  private let state: Mutex<State>
  private let writer: EventLoop
  // Confined to the writer loop after `init`: only `flush` touches it, and only that loop flushes.
  private nonisolated(unsafe) let file: JournalFile
  private let liveBytesMax: Int
  private let compactedBytesMin: Int

  /// Opens or makes the journal of a state directory, which may not be there yet.
  init(
    directory: String, liveBytesMax: Int = Journal.liveBytesMax,
    compactedBytesMin: Int = Journal.compactedBytesMin
  ) throws(JournalError) {
    do throws(SystemError) {
      try FileSystem.makeDirectories(directory, mode: 0o700)
      writer = try EventLoop.startThread("journal")
    } catch {
      throw .failed(error)
    }
    self.liveBytesMax = liveBytesMax
    self.compactedBytesMin = compactedBytesMin
    let opened: (file: JournalFile, index: JournalIndex)
    do throws(JournalError) {
      opened = try JournalFile.open(directory + "/journal")
    } catch {
      writer.stop()
      throw error
    }
    file = opened.file
    state = Mutex(State(index: opened.index))
  }

  deinit { writer.stop() }

  /// Why the journal takes nothing more; nil while it does.
  var failure: JournalError? { state.withLock { $0.failure } }

  func find(_ key: StepKey) -> JournalIndex.Finding {
    state.withLock { $0.index.find(key) }
  }

  /// Remembers a record; returns once it is on disk.
  ///
  /// - Throws: where it may not be on disk. `find` knows it all the same for as long as the process lives.
  func append(_ record: JournalRecord) async throws(JournalError) {
    let failure = await withCheckedContinuation { (waiter: Waiter) in
      if let refusal = enqueue(record, waiter) { waiter.resume(returning: refusal) }
    }
    if let failure { throw failure }
  }

  /// Forgets tasks without waiting for the disk: that may be lost in a crash. Where nothing is remembered
  /// of them nothing is written: the host names tasks that were never external, too.
  func forgetLater(_ taskIDs: [String]) {
    let known = state.withLock { state in taskIDs.filter { state.index.knows($0) } }
    for taskID in known { _ = enqueue(.forgotten(taskID: taskID), nil) }
  }

  /// Writes what is pending, then lets another process have the journal; appends are refused from now on.
  func close() async {
    let isFirst = state.withLock { state in
      defer { state.failure = state.failure ?? .closed }
      return state.failure == nil
    }
    guard isFirst else { return }
    await withCheckedContinuation { closed in
      writer.execute {
        self.flush()
        self.file.close()
        closed.resume()
      }
    }
  }

  private func enqueue(_ record: JournalRecord, _ waiter: Waiter?) -> JournalError? {
    let (refusal, mustSchedule) = state.withLock { state -> (JournalError?, Bool) in
      if let failure = state.failure { return (failure, false) }
      if case .begun = record, state.index.liveBytes >= liveBytesMax {
        return (.full(limit: liveBytesMax), false)
      }
      state.index.apply(record)
      JournalCodec.append(record, to: &state.pending)
      if let waiter { state.waiters.append(waiter) }
      defer { state.isFlushScheduled = true }
      return (nil, !state.isFlushScheduled)
    }
    if mustSchedule { writer.execute { self.flush() } }
    return refusal
  }

  /// Writes all that is pending; runs on the writer loop.
  private func flush() {
    let (frames, compacted, waiters) = state.withLock { state in
      defer {
        state.pending = []
        state.waiters = []
        state.isFlushScheduled = false
      }
      return (state.pending, compactedFrames(state.index), state.waiters)
    }
    if frames.isEmpty { return }
    var failure: JournalError?
    do throws(JournalFile.WriteError) {
      // The index holds what is pending too, so the compacted file needs nothing appended.
      if let compacted { try file.replace(with: compacted) } else { try file.append(frames) }
    } catch {
      failure = fail(error)
    }
    for waiter in waiters { waiter.resume(returning: failure) }
  }

  /// The whole file anew, once most of the present one is dead.
  private func compactedFrames(_ index: JournalIndex) -> [UInt8]? {
    guard file.byteCount > max(compactedBytesMin, 2 * index.liveBytes) else { return nil }
    var frames: [UInt8] = []
    for record in index.records { JournalCodec.append(record, to: &frames) }
    return frames
  }

  private func fail(_ error: JournalFile.WriteError) -> JournalError {
    switch error {
    case .undone(let cause): return .failed(cause)
    case .unknown(let cause):
      state.withLock { $0.failure = .failed(cause) }
      return .failed(cause)
    }
  }
}
