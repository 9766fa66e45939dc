import Glibc
import LinuxSystem

/// A place for at most one process, which a lock file makes proof against crashes of the driver.
///
/// The driver locks the file, empties it and starts the process with the locked descriptor, into
/// which the child writes its pid before it executes. From then on the lock lives as long as the
/// process or any of its offspring: whoever starts next sees a locked file and adopts instead of
/// starting a second one, or a free one and knows that nothing lives. A pid is believed only where
/// that process has this very file open, or is the one whose identity was noted: a recycled pid is
/// never signalled.
///
/// - Invariant: never two processes, never a lost one, at whatever instant the driver is killed
///   (guarded by `CrashTests`).
struct ProcessSlot: Sendable {
  /// Under which number the process has the lock; high, to be out of every program's way.
  static let lockDescriptor: Int32 = 200

  enum Occupancy {
    /// Nothing lives. `hasRun`: the last process that was begun came as far as writing its pid.
    case free(hasRun: Bool)
    /// A child was begun and has not written its pid yet: look again at once.
    case starting
    case main(SlotProcess)
    /// The process itself is gone; these descendants of it are not.
    case offspring([SlotProcess])
  }

  let path: String

  func occupancy() throws(SystemError) -> Occupancy {
    guard let file = try FileSystem.status(path) else { return .free(hasRun: false) }
    let held = try FileLock.isHeld(path)
    let pid = try writtenPID()
    if !held { return .free(hasRun: pid != nil) }
    guard let pid else { return .starting }
    if let process = try open(pid, ifItHas: file) { return .main(process) }
    let offspring = try holders(of: file)
    if !offspring.isEmpty { return .offspring(offspring) }
    // It may have ended between the questions.
    return try FileLock.isHeld(path) ? .starting : .free(hasRun: true)
  }

  /// Starts a process here.
  ///
  /// - Parameter prepare: runs when the slot is known to be free and nothing is begun yet; what the
  ///   caller writes down there is true for whoever finds the process.
  /// - Throws: `SlotTaken` where something lives here.
  func start(
    _ spec: ProcessSpec, _ prepare: () throws -> Void
  ) throws -> SlotProcess {
    guard let lock = try FileLock.acquire(path) else { throw SlotTaken(path: path) }
    // An empty file tells that the process which is begun now has not come to life yet.
    guard ftruncate(lock.descriptor.number, 0) == 0 else {
      throw SystemError(code: errno, call: "ftruncate", subject: path)
    }
    try prepare()
    var spec = spec
    spec.descriptors.append(.init(lock.descriptor, as: Self.lockDescriptor))
    spec.pidFile = lock.descriptor
    spec.newSession = true
    let spawned = try spawn(spec)
    return SlotProcess(identity: spawned.identity, pidfd: spawned.pidfd, isChild: true)
  }

  /// Takes the lock file away; only where the slot is free.
  func remove() throws(SystemError) { try FileSystem.remove(path) }

  private func writtenPID() throws(SystemError) -> pid_t? {
    let text = try FileSystem.read(path, limit: 64)
    return pid_t(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  private func open(
    _ pid: pid_t, ifItHas file: FileSystem.Status
  ) throws(SystemError) -> SlotProcess? {
    guard let identity = try ProcessIdentity.read(pid), Self.process(pid, has: file),
      let pidfd = try PIDFD.open(identity)
    else { return nil }
    return SlotProcess(identity: identity, pidfd: pidfd, isChild: false)
  }

  private func holders(of file: FileSystem.Status) throws(SystemError) -> [SlotProcess] {
    var found: [SlotProcess] = []
    for name in try FileSystem.list("/proc") {
      guard let pid = pid_t(name), pid != getpid(), let process = try open(pid, ifItHas: file)
      else { continue }
      found.append(process)
    }
    return found
  }

  /// Whether the process has the file open. False also where we may not look: then it isn't ours.
  private static func process(_ pid: pid_t, has file: FileSystem.Status) -> Bool {
    let folder = "/proc/\(pid)/fd"
    guard let names = try? FileSystem.list(folder) else { return false }
    return names.contains { name in
      var status = stat()
      return stat("\(folder)/\(name)", &status) == 0 && UInt64(status.st_ino) == file.inode
        && UInt64(status.st_dev) == file.device
    }
  }
}

/// Something lives in a slot that was to be free.
struct SlotTaken: Error, CustomStringConvertible {
  var path: String
  var description: String { "a process holds \(path) already" }
}

/// A process in a slot: started by this driver, or found.
struct SlotProcess: Sendable {
  var identity: ProcessIdentity
  var pidfd: PIDFD
  /// Ours to reap, so that we learn how it ended.
  var isChild: Bool
}
