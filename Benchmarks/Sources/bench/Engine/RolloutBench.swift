import Glibc
import JSON
import LinuxSystem
import PluginProto
import TTRPC

/// A rollout over more and more children: what one of them costs must not depend on its siblings.
struct RolloutBench {
  var programs: String
  var package: String
  var directory: String
  let loop: EventLoop
  /// Children, rising; each size has a host of its own.
  var sizes: [Int]
  /// All sizes one after the other, so often.
  var rounds: Int

  /// Children that somebody changes when the rollout is complete.
  private static let changes = 50
  private static let maxParallel = 16
  private static let patience = Duration.seconds(600)

  /// What one size showed; each figure is for one child.
  private struct Step {
    var milliseconds: Double
    var cpu: Double
    var repairCPU: Double
    var residentKiB: Double
  }

  func run(into results: inout Results) async throws {
    var steps = sizes.map { (size: $0, steps: [Step]()) }
    for round in 1...rounds {
      for (index, size) in sizes.enumerated() {
        say("engine: a rollout over \(size) children, round \(round) of \(rounds)")
        steps[index].steps.append(try await measure(size, "\(directory)/rollout-\(round)-\(size)"))
      }
    }
    report(steps, into: &results)
  }

  private func measure(_ size: Int, _ place: String) async throws -> Step {
    let host = try await BenchHost(place, programs: programs, package: package, on: loop)
    let emptyKiB = try host.program.statusKiB("VmRSS")
    let before = try host.program.cpuSeconds()
    let start = MonotonicTime.now()
    try await host.apply(
      "bench", kind: "NodeDeployment",
      spec: [
        "replicas": .integer(Int64(size)), "maxParallel": .integer(Int64(Self.maxParallel)),
        "template": ["kind": "BenchStep", "spec": ["revision": 1]],
      ])
    try await until(host, "NodeDeployment", "bench") { $0["status"]?["phase"] == "Complete" }
    let seconds = MonotonicTime.now().duration(since: start)
    let cpu = try host.program.cpuSeconds() - before
    let resident = try host.program.statusKiB("VmRSS")
    let calm = try host.program.cpuSeconds()
    for index in 0..<Self.changes { try await repair(host, index * size / Self.changes) }
    let repairing = try host.program.cpuSeconds() - calm
    try host.stop()
    return Step(
      milliseconds: Double(seconds.wholeNanoseconds) / 1e6 / Double(size),
      cpu: cpu / Double(size) * 1e6, repairCPU: repairing / Double(Self.changes) * 1e6,
      residentKiB: (resident - emptyKiB) / Double(size))
  }

  /// Somebody changes a child; the rollout changes it back.
  private func repair(_ host: BenchHost, _ ordinal: Int) async throws {
    let name = "bench-\(ordinal)"
    try await host.apply(name, kind: "BenchStep", revision: 2)
    try await until(host, "BenchStep", name) { child in
      child["spec"]?["revision"]?.integer == 1 && child["status"]?["plan"] == nil
        && child["status"]?["revision"]?.integer == 1
    }
  }

  private func until(
    _ host: BenchHost, _ kind: String, _ name: String, _ isMet: (JSONValue) -> Bool
  ) async throws {
    let deadline = MonotonicTime.now() + Self.patience
    var request = HostV1.GetRequest()
    request.name = HostV1.ObjectName(kind: kind, namespace: "default", name: name)
    while MonotonicTime.now() < deadline {
      let reply = try await host.client.call(HostV1.Host.get, request)
      if isMet(try JSONValue(parsing: reply.object)) { return }
      try await loop.sleep(for: .milliseconds(20))
    }
    throw BenchmarkError("\(kind) \(name) did not come to an end")
  }

  private func report(_ steps: [(size: Int, steps: [Step])], into results: inout Results) {
    func first(_ value: (Step) -> Double) -> Series? {
      steps.first.map { Series(values: $0.steps.map(value)) }
    }
    func table(_ id: String, _ title: String, _ unit: String, _ value: (Step) -> Double) -> Table {
      var table = Table(id: id, title: title, unit: unit)
      for (size, steps) in steps {
        table.add(
          "\(Double(size).figure) children", Series(values: steps.map(value)), over: first(value))
      }
      return table
    }
    let last = "\(Double(steps.last?.size ?? 0).figure) children"
    var cpu = table("rollout-cpu", "Host's processor time of a child's turn", "µs", \.cpu)
    cpu.want(.atMost(1.2), of: last, asRatio: true)
    var repair = table("rollout-repair", "… of a child that is changed back", "µs", \.repairCPU)
    repair.want(.atMost(1.2), of: last, asRatio: true)
    let time = table("rollout-time", "A child's share of the rollout's time", "ms", \.milliseconds)
    var memory = table("rollout-memory", "Memory of a child at rest", "KiB", \.residentKiB)
    memory.want(.atMost(1.2), of: last, asRatio: true)
    results.tables += [cpu, repair, time, memory]
  }
}
