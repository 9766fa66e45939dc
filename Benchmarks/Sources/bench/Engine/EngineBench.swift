import Glibc
import JSON
import LinuxSystem
import TTRPC

/// A host with its plugins as processes and its store on the disk, at full durability.
struct EngineBench {
  var programs: String
  /// Where Benchmarks/ is.
  var package: String
  var directory: String
  var isQuick: Bool
  let loop: EventLoop

  /// What can be measured by itself.
  enum Part: String, CaseIterable {
    case plans, commits, scale, rollouts, intents
  }

  private var rounds: Int { isQuick ? 2 : 5 }

  func run(_ parts: [Part], into results: inout Results) async throws {
    for part in parts {
      switch part {
      case .plans: results.tables += try await plans()
      case .commits: try await groupCommit(into: &results)
      case .scale:
        try await ScaleBench(
          programs: programs, package: package, directory: directory, loop: loop,
          sizes: isQuick ? [500, 2000] : [1_000, 10_000, 100_000]
        ).run(into: &results)
      case .rollouts:
        try await RolloutBench(
          programs: programs, package: package, directory: directory, loop: loop,
          sizes: isQuick ? [50, 200] : [100, 1_000], rounds: isQuick ? 1 : 3
        ).run(into: &results)
      case .intents:
        try await IntentBench(
          programs: programs, package: package, directory: directory, loop: loop,
          sizes: isQuick ? [100, 200] : [100, 1_000], rounds: isQuick ? 1 : 7
        ).run(into: &results)
      }
    }
  }

  private func host(_ name: String) async throws -> BenchHost {
    try await BenchHost(
      "\(directory)/\(name)", programs: programs, package: package, on: loop)
  }

  /// Throughput, latency, wake-up, and Terraform beside it, in interleaved rounds.
  private func plans() async throws -> [Table] {
    var (steps, sets, terraform) = (Series(), Series(), Series())
    var (stepCPU, setCPU) = (Series(), Series())
    var (stepPluginCPU, setPluginCPU) = (Series(), Series())
    var (single, wakeUp) = (Series(), Series())
    let count = isQuick ? 500 : 3000
    for round in 1...rounds {
      say("engine: plans, round \(round) of \(rounds)")
      let host = try await host("plans-\(round)")
      for kind in ["BenchStep", "BenchSet"] {
        let before = try host.cost()
        let load = PlanLoad(host, kind: kind, revision: 1)
        let outcome = try await load.run(names("item", count), inFlight: 64)
        let cost = try host.cost().since(before, plans: count)
        if kind == "BenchStep" {
          steps.values.append(outcome.plansPerSecond)
          stepCPU.values.append(cost.hostMicroseconds)
          stepPluginCPU.values.append(cost.pluginMicroseconds)
        } else {
          sets.values.append(outcome.plansPerSecond)
          setCPU.values.append(cost.hostMicroseconds)
          setPluginCPU.values.append(cost.pluginMicroseconds)
        }
      }
      let alone = try await PlanLoad(host, kind: "BenchSet", revision: 1)
        .run(names("alone", isQuick ? 50 : 200), inFlight: 1)
      single.values.append(alone.p50)
      wakeUp.values.append(try await wakeUpMilliseconds(host))
      try await killMidway(host)
      try host.stop()
      if let rate = try Terraform(directory: "\(directory)/terraform-\(round)").createsPerSecond() {
        terraform.values.append(rate)
      }
    }
    var throughput = Table(
      id: "plans", title: "Plans of three tasks, 64 resources in flight", unit: "plans/s")
    throughput.add(Self.complete, steps)
    throughput.add(Self.intents, sets)
    throughput.add("terraform apply, creates of terraform_data", terraform)
    throughput.want(.atLeast(3000), of: Self.complete)
    throughput.want(.atLeast(1500), of: Self.intents)
    var cpu = Table(id: "plans-cpu", title: "Processor time of a plan", unit: "µs")
    cpu.add("host: \(Self.complete)", stepCPU)
    cpu.add("host: \(Self.intents)", setCPU)
    cpu.add("plugins: \(Self.complete)", stepPluginCPU)
    cpu.add("plugins: \(Self.intents)", setPluginCPU)
    var latency = Table(
      id: "plan-latency", title: "One plan alone, and the next task after a push", unit: "ms")
    latency.add("apply to Complete, p50", single)
    latency.add("push to the next task's start, p50", wakeUp)
    latency.want(.atMost(10), of: "apply to Complete, p50")
    latency.want(.atMost(1), of: "push to the next task's start, p50")
    return [throughput, cpu, latency]
  }

  private static let complete = "tasks complete at once"
  private static let intents = "each sets an intent, through a driver"

  /// How long after a task's end, which the plugin pushes, the next one began.
  private func wakeUpMilliseconds(_ host: BenchHost) async throws -> Double {
    let count = isQuick ? 20 : 100
    _ = try await PlanLoad(host, kind: "BenchPush", revision: 1)
      .run(names("pushed", count), inFlight: 1)
    var waits = Series()
    for object in try await host.list("BenchPush") {
      guard let microseconds = object["status"]?["microseconds"]?.integer else {
        throw BenchmarkError("a probe did not tell how long it waited")
      }
      waits.values.append(Double(microseconds) / 1000)
    }
    return waits.median
  }

  /// Kills the host in the middle of a load: what it reported complete must be there afterwards.
  private func killMidway(_ host: BenchHost) async throws {
    let load = PlanLoad(host, kind: "BenchSet", revision: 1)
    let running = Completion()
    loop.spawn { [names = names("killed", 5000)] in
      _ = try? await load.run(names, inFlight: 64)
      running.finish()
    }
    while load.complete.count < 200 { try await loop.sleep(for: .milliseconds(1)) }
    _ = try await host.restart(after: SIGKILL)
    await running.wait(on: loop)
    let reported = load.complete
    var present: Set<String> = []
    for object in try await host.list("BenchSet") {
      guard object["status"]?["revision"]?.integer == 1 else { continue }
      if let name = object["metadata"]?["name"]?.string { present.insert(name) }
    }
    let lost = Set(reported).subtracting(present)
    guard lost.isEmpty else {
      throw BenchmarkError("\(lost.count) of \(reported.count) complete plans were lost by kill -9")
    }
    say("engine: killed with \(reported.count) plans complete; all of them are there")
  }

  /// Waits for the disk, for each plan, as more are in flight.
  private func groupCommit(into results: inout Results) async throws {
    say("engine: group commit")
    var (syncs, rates) = (Curve(name: "waits a plan", points: []), [(Double, Double)]())
    var table = Table(
      id: "group-commit", title: "Waits for the disk for each plan (of three intents)",
      unit: "fsyncs")
    let host = try await host("commits")
    for inFlight in [1, 4, 16, 64, 256] {
      let count = max(inFlight * 4, isQuick ? 64 : 512)
      let before = try host.syncs()
      let outcome = try await PlanLoad(host, kind: "BenchSet", revision: 1)
        .run(names("at-\(inFlight)", count), inFlight: inFlight)
      let each = Double(try host.syncs() - before) / Double(count)
      syncs.points.append((Double(inFlight), each))
      rates.append((Double(inFlight), outcome.plansPerSecond))
      table.add("\(inFlight) in flight", Series(values: [each]))
    }
    try host.stop()
    results.tables.append(table)
    let picture = Picture(
      id: "group-commit", title: "Group commit: waits for the disk for each plan",
      xTitle: "plans in flight", yTitle: "fsyncs a plan", isLogarithmic: true, curves: [syncs])
    results.pictures.append(picture)
  }

  private func names(_ prefix: String, _ count: Int) -> [String] {
    (0..<count).map { "\(prefix)-\($0)" }
  }
}
