import LinuxSystem
import PluginSDK
import TTRPC

/// Containers' logs, read and followed.
extension Supervisor {
  /// Of a set's pods, each container that has written anything since its log was begun.
  func loggedProcesses(of key: IntentKey) throws -> [String] {
    try containers(of: key).filter { try FileSystem.status($0.path) != nil }.map(\.name)
  }

  func readLog(_ query: LogQuery) async throws -> LogPassage {
    guard let path = containers(of: query.intent).first(where: { $0.name == query.process })?.path
    else {
      throw DriverFailure.final(
        "UnknownProcess", "\(query.intent) has no \(query.process) any more")
    }
    var position = query.offset
    if position == 0, query.sinceUnixMS > 0 {
      position = try logs.position(in: path, since: query.sinceUnixMS)
    }
    let deadline = MonotonicTime.now() + query.wait
    while true {
      let passage = try KeptLog(path: path).passage(from: position)
      let isOver = MonotonicTime.now() >= deadline || Task.isCancelled
      if !passage.text.isEmpty || passage.isBehindGap || isOver { return passage }
      await logChange(of: path, until: deadline)
    }
  }

  private func containers(of key: IntentKey) -> [(name: String, path: String)] {
    guard key.kind == "StatefulSet", let set = ObjectName(key.key) else { return [] }
    return pods(of: set).flatMap { pod in
      pod.record.template.all.map { container in
        let path = directory.log(pod.record.name, container: container.name)
        return ("\(pod.record.name.name)/\(container.name)", path)
      }
    }
  }

  /// Returns when the log may have grown, at the deadline, or when the reader is cancelled.
  private func logChange(of path: String, until deadline: MonotonicTime) async {
    let number = nextLogReader
    nextLogReader += 1
    after(deadline.duration(since: .now())) { $0.wakeLogReader(number) }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { return continuation.resume() }
        logReaders[number] = (path, continuation)
      }
    } onCancel: {
      after(.zero) { $0.wakeLogReader(number) }
    }
  }

  private func wakeLogReader(_ number: Int) {
    logReaders.removeValue(forKey: number)?.continuation.resume()
  }

  /// A log was written to: who waits for more of it looks again.
  func wakeLogReaders(of path: String) {
    for (number, reader) in logReaders where reader.path == path { wakeLogReader(number) }
  }

  /// Looks at logs that were written to, each at most once an interval: bounds them, and tells
  /// their readers.
  func followLogs() async {
    do {
      while true {
        try await loop.waitReadable(logs.inotify.descriptor.number)
        for path in try logs.written() {
          wakeLogReaders(of: path)
          after(LogKeeper.lookInterval) { supervisor in
            supervisor.orAbandon {
              if try supervisor.logs.watch(path) { supervisor.wakeLogReaders(of: path) }
            }
          }
        }
      }
    } catch {
      abandon(error)
    }
  }
}
