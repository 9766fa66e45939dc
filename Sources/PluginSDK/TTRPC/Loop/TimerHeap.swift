internal import LinuxSystem

/// An action that is due at a moment.
///
/// - Isolation: the loop's thread.
final class LoopTimer {
  let deadline: MonotonicTime
  let action: () -> Void
  /// Where it is in its heap; nil when it is in none.
  fileprivate(set) var index: Int?

  init(deadline: MonotonicTime, action: @escaping () -> Void) {
    self.deadline = deadline
    self.action = action
  }
}

/// Timers by deadline: a binary heap whose elements know their place.
///
/// A call's timeout is nearly always cancelled, so cancelling must free its place at once rather
/// than leave it until the deadline.
///
/// - Invariant: no timer is due earlier than its parent (guarded by `TimerHeapTests`).
struct TimerHeap {
  private var heap: [LoopTimer] = []

  var nextDeadline: MonotonicTime? { heap.first?.deadline }
  var count: Int { heap.count }

  mutating func insert(_ timer: LoopTimer) {
    precondition(timer.index == nil, "a timer is in one heap, once")
    timer.index = heap.count
    heap.append(timer)
    siftUp(from: heap.count - 1)
  }

  /// Takes a timer out; one that fired or was taken out before is left alone.
  mutating func remove(_ timer: LoopTimer) {
    guard let index = timer.index else { return }
    timer.index = nil
    let last = heap.removeLast()
    if last === timer { return }
    place(last, at: index)
    siftUp(from: index)
    siftDown(from: last.index ?? index)
  }

  /// The earliest timer, if it is due.
  mutating func popDue(at now: MonotonicTime) -> LoopTimer? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    remove(first)
    return first
  }

  private mutating func place(_ timer: LoopTimer, at index: Int) {
    heap[index] = timer
    timer.index = index
  }

  private mutating func siftUp(from start: Int) {
    var index = start
    let timer = heap[index]
    while index > 0 {
      let parent = (index - 1) / 2
      if heap[parent].deadline <= timer.deadline { break }
      place(heap[parent], at: index)
      index = parent
    }
    place(timer, at: index)
  }

  private mutating func siftDown(from start: Int) {
    var index = start
    let timer = heap[index]
    while true {
      var child = 2 * index + 1
      if child >= heap.count { break }
      if child + 1 < heap.count, heap[child + 1].deadline < heap[child].deadline { child += 1 }
      if timer.deadline <= heap[child].deadline { break }
      place(heap[child], at: index)
      index = child
    }
    place(timer, at: index)
  }
}
