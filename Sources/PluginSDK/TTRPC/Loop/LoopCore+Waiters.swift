internal import Glibc
internal import LinuxSystem

/// The tasks that wait for one descriptor, one for each direction.
///
/// - Isolation: the loop's thread.
final class DescriptorWaiters: ReadinessHandler {
  fileprivate var reader: LoopWait?
  fileprivate var writer: LoopWait?
  fileprivate var token: UInt64 = 0
  private let number: Int32
  private unowned let core: LoopCore

  fileprivate init(_ number: Int32, _ core: LoopCore) {
    self.number = number
    self.core = core
  }

  fileprivate var interest: Epoll.Readiness {
    var interest: Epoll.Readiness = []
    if reader != nil { interest.insert(.readable) }
    if writer != nil { interest.insert(.writable) }
    return interest
  }

  func ready(_ readiness: Epoll.Readiness) {
    let isBroken = !readiness.isDisjoint(with: [.hangUp, .error])
    let reader = isBroken || readiness.contains(.readable) ? self.reader : nil
    let writer = isBroken || readiness.contains(.writable) ? self.writer : nil
    if reader != nil { self.reader = nil }
    if writer != nil { self.writer = nil }
    core.refresh(self, number)
    reader?.finish(.success(()))
    writer?.finish(.success(()))
  }
}

extension LoopCore {
  func addWaiter(
    _ wait: LoopWait, _ number: Int32, _ direction: Epoll.Readiness
  ) throws(SystemError) {
    let waiters = waiters[number] ?? DescriptorWaiters(number, self)
    let isNew = waiters.interest.isEmpty
    if waiters.interest.contains(direction) {
      throw SystemError(
        code: EBUSY, call: "wait", subject: "descriptor \(number), which another task waits for")
    }
    if direction == .readable { waiters.reader = wait } else { waiters.writer = wait }
    do throws(SystemError) {
      if isNew {
        waiters.token = try register(number, waiters.interest, waiters)
        self.waiters[number] = waiters
      } else {
        try modify(waiters.token, waiters.interest)
      }
    } catch {
      if direction == .readable { waiters.reader = nil } else { waiters.writer = nil }
      throw error
    }
  }

  func removeWaiter(_ number: Int32, _ direction: Epoll.Readiness) {
    guard let waiters = waiters[number] else { return }
    if direction == .readable { waiters.reader = nil } else { waiters.writer = nil }
    refresh(waiters, number)
  }

  /// Watches for what is still waited for, or not any more.
  fileprivate func refresh(_ waiters: DescriptorWaiters, _ number: Int32) {
    if waiters.interest.isEmpty {
      unregister(waiters.token)
      self.waiters[number] = nil
      return
    }
    do throws(SystemError) {
      try modify(waiters.token, waiters.interest)
    } catch {
      // The descriptor was closed under its waiters: they learn it, instead of waiting for ever.
      let waiting = [waiters.reader, waiters.writer]
      (waiters.reader, waiters.writer) = (nil, nil)
      unregister(waiters.token)
      self.waiters[number] = nil
      for wait in waiting { wait?.finish(.failure(error)) }
    }
  }
}
