import Glibc
import JSON
import LinuxSystem
import TTRPC

/// Ten intents on each of more and more targets: what one target costs must not depend on the others.
struct IntentBench {
  var programs: String
  var package: String
  var directory: String
  let loop: EventLoop
  /// Targets, rising; each size has a host of its own in each round.
  var sizes: [Int]
  var rounds: Int

  private static let intentsPerTarget = 10
  /// Targets that are changed, one after the other, when all is at rest.
  private static let changes = 100

  /// What one size showed.
  private struct Step {
    var fillMicroseconds: Double
    var fillCPU: Double
    var changeMS: Double
    var changeCPU: Double
    var residentKiB: Double
  }

  func run(into results: inout Results) async throws {
    var steps = sizes.map { (size: $0, steps: [Step]()) }
    for round in 1...rounds {
      for (index, size) in sizes.enumerated() {
        say("engine: \(size * Self.intentsPerTarget) intents on \(size) targets, round \(round)")
        steps[index].steps.append(try await measure(size, "\(directory)/intents-\(round)-\(size)"))
      }
    }
    report(steps, into: &results)
  }

  private func measure(_ size: Int, _ place: String) async throws -> Step {
    let host = try await BenchHost(
      place, programs: programs, package: package, plugins: ["bench-racks"], on: loop)
    let emptyKiB = try host.program.statusKiB("VmRSS")
    let before = try host.program.cpuSeconds()
    let names = (0..<size).map { "rack-\($0)" }
    let filled = try await PlanLoad(host, kind: "BenchRack", revision: 1).run(names, inFlight: 64)
    let fillCPU = try host.program.cpuSeconds() - before
    let resident = try host.program.statusKiB("VmRSS")
    let calm = try host.program.cpuSeconds()
    let chosen = (0..<Self.changes).map { "rack-\($0 * size / Self.changes)" }
    let changed = try await PlanLoad(host, kind: "BenchRack", revision: 2).run(chosen, inFlight: 1)
    let changeCPU = try host.program.cpuSeconds() - calm
    try host.stop()
    let intents = Double(size * Self.intentsPerTarget)
    return Step(
      fillMicroseconds: filled.seconds / intents * 1e6, fillCPU: fillCPU / intents * 1e6,
      changeMS: changed.p50, changeCPU: changeCPU / Double(Self.changes) * 1e6,
      residentKiB: (resident - emptyKiB) / intents)
  }

  private func report(_ steps: [(size: Int, steps: [Step])], into results: inout Results) {
    func table(_ id: String, _ title: String, _ unit: String, _ value: (Step) -> Double) -> Table {
      var table = Table(id: id, title: title, unit: unit)
      for (size, rounds) in steps {
        table.add(
          name(size), Series(values: rounds.map(value)),
          over: steps.first.map { Series(values: $0.steps.map(value)) })
      }
      return table
    }
    let last = name(steps.last?.size ?? 0)
    var fill = table("intents-cpu", "Host's processor time of an intent", "µs", \.fillCPU)
    fill.want(.atMost(1.2), of: last, asRatio: true)
    var change = table(
      "intents-change", "… of a change of one target's ten intents", "µs", \.changeCPU)
    change.want(.atMost(1.2), of: last, asRatio: true)
    let time = table(
      "intents-time", "An intent's share of the time, 64 targets at once", "µs", \.fillMicroseconds)
    let latency = table(
      "intents-latency", "Change of one target, apply to Complete, p50", "ms", \.changeMS)
    var memory = table("intents-memory", "Memory of an intent", "KiB", \.residentKiB)
    memory.want(.atMost(1.2), of: last, asRatio: true)
    results.tables += [fill, change, time, latency, memory]
  }

  private func name(_ size: Int) -> String {
    "\(Double(size * Self.intentsPerTarget).figure) intents, \(Double(size).figure) targets"
  }
}
