internal import Glibc
internal import LinuxSystem
internal import TTRPC

/// Ends what an earlier host left running, before this one starts the same plugin again.
///
/// An orphan is found by its identity, never by a pid alone: it has the recorded start time, or is
/// in the recorded process group and carries the recorded nonce in its environment, all in the
/// recorded boot. Each is signalled through a handle that was opened on exactly that process.
///
/// - Invariant: a process that merely has a recorded pid is left alone (guarded by
///   `OrphanSweepTests`).
struct OrphanSweep: Sendable {
  let loop: EventLoop

  /// How long an orphan may take to end by itself: its liveness descriptor tells it that its host
  /// is gone, and the SDK then lets what runs go on for 2 s.
  var grace: Duration = .seconds(3)

  /// How long the kernel may take to end what was killed.
  private static let killPatience: Duration = .seconds(1)

  /// Rounds of looking and killing: what is killed may have started others meanwhile.
  private static let roundsMax = 10

  /// An orphan that would not end.
  struct Stuck: Error, Equatable {
    let message: String
  }

  private struct Member {
    let pid: Int32
    let handle: PIDFD
  }

  /// Sweeps one plugin's orphan, if it has one, and forgets its record.
  ///
  /// - Returns: the pid that the orphan had, or its group; nil where nothing was running.
  func sweep(_ paths: PluginPaths) async throws(Stuck) -> Int32? {
    do throws(SystemError) {
      let record = try IdentityRecord.read(paths)
      let bootID = try ProcessIdentity.currentBootID()
      let written = try IdentityRecord.writtenPID(paths)
      guard let record, record.bootID == bootID, let group = record.process?.pid ?? written
      else {
        try IdentityRecord.remove(paths)
        return nil
      }
      var members = try members(of: group, record)
      let found = !members.isEmpty
      if let leader = members.first(where: { $0.pid == group }) {
        await waitForEnd(of: leader.handle, atMost: grace)
        members = try self.members(of: group, record)
      }
      for _ in 0..<Self.roundsMax where !members.isEmpty {
        for member in members { try member.handle.signal(SIGKILL) }
        for member in members {
          await waitForEnd(of: member.handle, atMost: Self.killPatience)
        }
        members = try self.members(of: group, record)
      }
      if let stuck = members.first {
        throw SystemError(
          code: EBUSY, call: "end", subject: "process \(stuck.pid), left by an earlier host")
      }
      try IdentityRecord.remove(paths)
      return found ? group : nil
    } catch {
      throw Stuck(message: error.description)
    }
  }

  /// The processes of the group that are the record's and have not ended.
  private func members(of group: Int32, _ record: IdentityRecord) throws(SystemError) -> [Member] {
    let mark = Array("\(IdentityRecord.nonceVariable)=\(record.nonce)".utf8)
    var members: [Member] = []
    for name in try FileSystem.list("/proc") {
      guard let pid = Int32(name), getpgid(pid) == group,
        let identity = try ProcessIdentity.read(pid),
        identity == record.process || Self.environment(of: pid).contains(mark),
        // Opened last: it answers nil where the pid is another's by now.
        let handle = try PIDFD.open(identity), !handle.hasEnded
      else { continue }
      members.append(Member(pid: pid, handle: handle))
    }
    return members
  }

  /// Empty where it is none of this user's business.
  private static func environment(of pid: Int32) -> [[UInt8]] {
    let limit = 1 << 20
    guard let bytes = try? FileSystem.read("/proc/\(pid)/environ", limit: limit) else { return [] }
    return bytes.split(separator: 0).map { Array($0) }
  }

  private func waitForEnd(of handle: PIDFD, atMost patience: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      // Either may end with the other's cancellation; neither says anything beyond its end.
      group.addTask { try? await loop.waitReadable(handle.descriptor.number) }
      group.addTask { try? await loop.sleep(for: patience) }
      await group.next()
      group.cancelAll()
    }
  }
}
