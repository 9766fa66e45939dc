import Glibc
import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC

/// Applies resources, so many in flight, and sees from a watch when their plans are complete.
final class PlanLoad: Sendable {
  /// What was seen of one load.
  struct Outcome: Sendable {
    var plans = 0
    var seconds = 0.0
    /// From apply to the report that the plan is complete, in milliseconds, sorted.
    var latencies: [Double] = []

    var plansPerSecond: Double { Double(plans) / seconds }
    var p50: Double { latencies.isEmpty ? .nan : latencies[latencies.count / 2] }
  }

  private struct State {
    var waiting: [String: CheckedContinuation<Void, any Error>] = [:]
    /// Reported before the answer to apply came.
    var early: Set<String> = []
    var complete: [String] = []
    var failure: (any Error)?
  }

  private let host: BenchHost
  private let kind: String
  private let revision: Int
  private let state = Mutex(State())
  /// How many names were begun with: a load is run once.
  private let begun = Atomic(0)

  init(_ host: BenchHost, kind: String, revision: Int) {
    self.host = host
    self.kind = kind
    self.revision = revision
  }

  /// Names of those whose plan was reported complete.
  var complete: [String] { state.withLock { $0.complete } }

  /// Runs a plan for each name, `inFlight` at a time.
  func run(_ names: [String], inFlight: Int) async throws -> Outcome {
    let watch = try await follow()
    defer { watch.cancel() }
    let start = MonotonicTime.now()
    let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<inFlight {
        group.addTask { [self] in
          var latencies: [Double] = []
          while true {
            let index = begun.add(1, ordering: .relaxed).oldValue
            guard index < names.count else { return latencies }
            latencies.append(try await plan(names[index]))
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    let elapsed = MonotonicTime.now().duration(since: start)
    return Outcome(
      plans: names.count, seconds: Double(elapsed.wholeNanoseconds) / 1e9,
      latencies: latencies.sorted())
  }

  private func plan(_ name: String) async throws -> Double {
    let start = MonotonicTime.now()
    try await host.apply(name, kind: kind, revision: revision)
    try await withCheckedThrowingContinuation { continuation in
      let now: (any Error)?? = state.withLock { state in
        if let failure = state.failure { return .some(failure) }
        if state.early.remove(name) != nil { return .some(nil) }
        state.waiting[name] = continuation
        return nil
      }
      guard let now else { return }
      if let now { continuation.resume(throwing: now) } else { continuation.resume() }
    }
    return Double(MonotonicTime.now().duration(since: start).wholeNanoseconds) / 1e6
  }

  /// Follows the kind from now on, on a connection of its own.
  private func follow() async throws -> Task<Void, Never> {
    let list = try await host.client.call(
      HostV1.Host.list, HostV1.ListRequest(kind: kind, limit: 1))
    let client = try await Client.connect(path: host.socket, on: host.loop)
    let stream = try await client.openStream(
      HostV1.Host.watch, HostV1.WatchRequest(kind: kind, fromVersion: list.version))
    return host.loop.spawn { [self] in
      do {
        for try await event in stream { try changed(event.object) }
      } catch {
        fail(error)
      }
      client.close()
    }
  }

  private static let complete: StaticString = #""phase":"Complete""#

  private static func mentionsComplete(_ object: [UInt8]) -> Bool {
    let count = complete.utf8CodeUnitCount
    return object.withUnsafeBytes { bytes in
      (0..<max(0, bytes.count - count)).contains {
        memcmp(bytes.baseAddress! + $0, complete.utf8Start, count) == 0
      }
    }
  }

  private func changed(_ object: [UInt8]) throws {
    // Most changes are of plans under way: those are not parsed.
    guard Self.mentionsComplete(object) else { return }
    let value = try JSONValue(parsing: object)
    guard let name = value["metadata"]?["name"]?.string,
      value["status"]?["plan"]?["phase"]?.string == "Complete",
      value["status"]?["revision"]?.integer == Int64(revision)
    else { return }
    let waiting = state.withLock { state in
      state.complete.append(name)
      if let waiting = state.waiting.removeValue(forKey: name) { return Optional(waiting) }
      state.early.insert(name)
      return nil
    }
    waiting?.resume()
  }

  private func fail(_ error: any Error) {
    let waiting = state.withLock { state in
      state.failure = error
      defer { state.waiting = [:] }
      return state.waiting.values.map { $0 }
    }
    for continuation in waiting { continuation.resume(throwing: error) }
  }
}
