import Glibc

/// A caller's run: the warm-up, the calls that count, and what it says of them.
public enum EchoRun {
  /// Makes the calls of a load, `inFlight` at a time, each lane one after the other.
  ///
  /// - Parameter call: makes one call and returns when it is answered.
  public static func perform(
    _ load: EchoLoad, _ call: @escaping @Sendable () async throws -> Void
  ) async throws {
    _ = try await lanes(load, calls: load.warmUpCalls, call)
    print("warm")
    flush()
    guard readLine() != nil else { return }
    let start = now()
    let latencies = try await lanes(load, calls: load.calls, call).sorted()
    let elapsed = now() - start
    let p50 = latencies[latencies.count / 2]
    let p99 = latencies[latencies.count * 99 / 100]
    print(p50, p99, latencies[0], elapsed)
    flush()
    waitForEndOfInput()
  }

  /// Says that the server answers.
  public static func ready() {
    print("ready")
    flush()
  }

  /// Blocks until whoever started this program lets it end.
  public static func waitForEndOfInput() {
    while readLine() != nil {}
  }

  /// Writes a line to standard error.
  public static func complain(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func flush() { fflush(nil) }

  private static func lanes(
    _ load: EchoLoad, calls: Int, _ call: @escaping @Sendable () async throws -> Void
  ) async throws -> [UInt64] {
    let share = max(1, calls / load.inFlight)
    if load.inFlight == 1 { return try await lane(share, call) }
    return try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<load.inFlight { group.addTask { try await lane(share, call) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  private static func lane(
    _ count: Int, _ call: @Sendable () async throws -> Void
  ) async throws -> [UInt64] {
    var latencies: [UInt64] = []
    latencies.reserveCapacity(count)
    for _ in 0..<count {
      let start = now()
      try await call()
      latencies.append(now() - start)
    }
    return latencies
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
