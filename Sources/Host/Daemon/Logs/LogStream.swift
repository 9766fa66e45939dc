internal import LinuxSystem
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// Sends the logs that a client asked for, each from its beginning to its end or for ever.
///
/// - Cancellation: a client that is gone ends all of it, and leaves nothing behind.
struct LogStream: Sendable {
  /// How long a driver may wait for more of a log that is followed.
  static let pollWait = Duration.seconds(20)
  /// Before a driver that could not answer is asked again, while its log is followed.
  static let retryDelay = Duration.seconds(1)
  /// How often it is looked whether an intent that is followed has got further processes.
  static let discoveryInterval = Duration.seconds(5)
  /// A longer line of a process is cut.
  static let lineBytesMax = 256 << 10

  let request: HostV1.LogsRequest
  let loop: EventLoop
  let port: any ProcessLogPort
  let readers: LogReaders
  let writer: ResponseWriter<HostV1.LogChunk>

  /// A plugin's log in a file of this host.
  struct File: Sendable {
    /// Of each chunk; empty where there is only one.
    var source: String
    var path: String
  }

  /// The log of a process of an intent.
  struct Process: Sendable, Hashable {
    var intent: IntentKey
    var name: String
  }

  /// - Parameter text: only lines that contain it.
  func send(_ files: [File], containing text: String) async throws {
    try readers.enter(files.count)
    defer { readers.leave(files.count) }
    guard request.follow else {
      for file in files { try await send(file, containing: text) }
      return
    }
    try await withThrowingTaskGroup { group in
      for file in files { group.addTask { try await send(file, containing: text) } }
      try await group.waitForAll()
    }
  }

  private func send(_ file: File, containing text: String) async throws {
    do {
      var lines = LogLines(sinceUnixMS: request.sinceUnixMS, containing: text)
      var reader = try PluginLogReader(path: file.path, isFollowed: request.follow)
      while true {
        while let read = try reader.next() {
          let chosen = lines.chosen(of: read)
          if !chosen.isEmpty {
            try await writer.send(HostV1.LogChunk(text: chosen, source: file.source))
          }
          // Megabytes of a log may not hold up whatever else the host does.
          await Task.yield()
          try Task.checkCancellation()
        }
        guard request.follow else { return }
        try await reader.more(on: loop)
      }
    } catch let error as SystemError {
      throw RPCError(
        .failedPrecondition, reason: "LogUnreadable",
        message: "the log \(file.path) can't be read: \(error)")
    }
  }

  /// - Parameter discover: says which processes there are now.
  func send(
    _ processes: [Process], discover: @escaping @Sendable () async throws -> [Process]
  ) async throws {
    try readers.enter(processes.count)
    var entered = processes.count
    defer { readers.leave(entered) }
    guard request.follow else {
      for process in processes { try await send(process) }
      return
    }
    try await withThrowingTaskGroup { group in
      var known = Set(processes)
      for process in processes { group.addTask { try await send(process) } }
      while true {
        try await loop.sleep(for: Self.discoveryInterval)
        // A driver that can't tell now is asked again.
        for process in (try? await discover()) ?? [] where !known.contains(process) {
          try readers.enter(1)
          entered += 1
          known.insert(process)
          group.addTask { try await send(process) }
        }
      }
    }
  }

  private func send(_ process: Process) async throws {
    var query = PluginV1.ReadLogRequest(id: process.intent.message, process: process.name)
    query.sinceUnixMS = request.sinceUnixMS
    query.waitMS = request.follow ? UInt32(Self.pollWait / .milliseconds(1)) : 0
    var lines = LineAssembly(lineBytesMax: Self.lineBytesMax)
    while true {
      let reply: PluginV1.ReadLogReply
      do throws(RPCError) {
        reply = try await port.readLog(query)
      } catch {
        guard request.follow, error.code != .unimplemented else { throw error }
        // The driver, or the process, may come back.
        try await loop.sleep(for: Self.retryDelay)
        continue
      }
      var text = reply.skipped ? lines.finish() + Self.gap : []
      text += lines.add(reply.text)
      let isAtEnd = reply.text.isEmpty && !request.follow
      if isAtEnd { text += lines.finish() }
      if !text.isEmpty {
        try await writer.send(HostV1.LogChunk(text: text, source: process.name))
      }
      if isAtEnd { return }
      query.offset = reply.nextOffset
      try Task.checkCancellation()
    }
  }

  private static let gap = Array("[mortise: what stood here is no longer kept]\n".utf8)
}

/// Puts whole lines together from parts.
struct LineAssembly: Sendable {
  private let lineBytesMax: Int
  private var rest: [UInt8] = []

  init(lineBytesMax: Int) { self.lineBytesMax = lineBytesMax }

  /// The lines that these bytes complete, each with its end.
  mutating func add(_ bytes: [UInt8]) -> [UInt8] {
    rest += bytes
    if let end = rest.lastIndex(of: UInt8(ascii: "\n")) {
      defer { rest.removeSubrange(...end) }
      return Array(rest[...end])
    }
    return rest.count >= lineBytesMax ? finish() : []
  }

  /// What is left, as a line.
  mutating func finish() -> [UInt8] {
    defer { rest = [] }
    return rest.isEmpty ? [] : rest + [UInt8(ascii: "\n")]
  }
}
