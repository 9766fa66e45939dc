import Glibc
import LinuxSystem
import TTRPC

/// The same measurements with more and more resources in the store.
struct ScaleBench {
  var programs: String
  var package: String
  var directory: String
  let loop: EventLoop
  /// Resources in the store, rising.
  var sizes: [Int]

  /// Changes whose cost is measured at each size.
  private static let changes = 300
  private static let idleSeconds = 5

  /// What one size showed.
  private struct Step {
    var startUpMS: Double
    var readyMS: Double
    var residentKiB: Double
    var changeCPU: Double
    var changeMS: Double
    var idleCPU: Double
  }

  func run(into results: inout Results) async throws {
    let host = try await BenchHost(
      "\(directory)/scale", programs: programs, package: package, on: loop)
    let emptyKiB = try host.program.statusKiB("VmRSS")
    var steps: [(size: Int, step: Step)] = []
    var present = 0
    for size in sizes {
      say("engine: \(size) resources")
      let fresh = (present..<size).map { "resource-\($0)" }
      _ = try await PlanLoad(host, kind: "BenchStep", revision: 1).run(fresh, inFlight: 64)
      present = size
      steps.append((size, try await measure(host, size: size, revision: size + 1)))
    }
    try host.stop()
    report(steps, emptyKiB: emptyKiB, into: &results)
  }

  private func measure(_ host: BenchHost, size: Int, revision: Int) async throws -> Step {
    let startUp = try await host.restart()
    let ready = try host.readyMilliseconds()
    try await quiet(host)
    let resident = try host.program.statusKiB("VmRSS")
    let idleBefore = try host.program.cpuSeconds()
    try await loop.sleep(for: .seconds(Self.idleSeconds))
    let idle = try host.program.cpuSeconds() - idleBefore
    // Spread over all of them, so that no cache knows where the next one will be.
    let names = (0..<Self.changes).map { "resource-\($0 * size / Self.changes)" }
    let before = try host.program.cpuSeconds()
    let outcome = try await PlanLoad(host, kind: "BenchStep", revision: revision)
      .run(names, inFlight: 1)
    let cpu = try host.program.cpuSeconds() - before
    return Step(
      startUpMS: startUp, readyMS: ready, residentKiB: resident,
      changeCPU: cpu / Double(Self.changes) * 1e6, changeMS: outcome.p50,
      idleCPU: idle / Double(Self.idleSeconds) * 100)
  }

  /// Returns once a second went by in which the host did next to nothing.
  private func quiet(_ host: BenchHost) async throws {
    var last = try host.program.cpuSeconds()
    while true {
      try await loop.sleep(for: .seconds(1))
      let now = try host.program.cpuSeconds()
      if now - last < 0.02 { return }
      last = now
    }
  }

  private func report(
    _ steps: [(size: Int, step: Step)], emptyKiB: Double, into results: inout Results
  ) {
    func table(_ id: String, _ title: String, _ unit: String, _ value: (Int, Step) -> Double)
      -> Table
    {
      var table = Table(id: id, title: title, unit: unit)
      for (size, step) in steps {
        table.add(
          "\(Double(size).figure) resources", Series(values: [value(size, step)]),
          over: steps.first.map { Series(values: [value($0.size, $0.step)]) })
      }
      return table
    }
    let last = "\(Double(steps.last?.size ?? 0).figure) resources"
    var cost = table("scale-change-cpu", "Host's processor time of one change", "µs") {
      $1.changeCPU
    }
    cost.want(.atMost(1.2), of: last, asRatio: true)
    let latency = table("scale-change", "One change, apply to Complete, p50", "ms") { $1.changeMS }
    var ready = table("scale-ready", "Start-up until ready, by the host's clock", "ms") {
      $1.readyMS
    }
    ready.want(.atMost(3000), of: last)
    let startUp = table("scale-start-up", "… and until its plugins are ready too", "ms") {
      $1.startUpMS
    }
    var memory = table("scale-memory", "Memory of a resource at rest", "KiB") {
      ($1.residentKiB - emptyKiB) / Double($0)
    }
    memory.want(.atMost(4), of: last)
    let idle = table("scale-idle", "Processor at rest", "%") { $1.idleCPU }
    results.tables += [cost, latency, ready, startUp, memory, idle]
    results.pictures.append(
      Picture(
        id: "scale", title: "Processor time of one change, by resources in the store",
        xTitle: "resources", yTitle: "µs",
        curves: [
          Curve(name: "one change", points: steps.map { (Double($0.size), $0.step.changeCPU) })
        ]))
    results.pictures.append(
      Picture(
        id: "start-up", title: "Start-up until ready, by resources in the store",
        xTitle: "resources", yTitle: "ms", isLogarithmic: true,
        curves: [Curve(name: "ready", points: steps.map { (Double($0.size), $0.step.readyMS) })]))
  }
}
