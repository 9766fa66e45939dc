import Glibc
import LinuxSystem

/// Echo between two processes, peer after peer, round after round: what disturbs the machine for a
/// while disturbs all of them.
struct EchoBench {
  var peers: [EchoPeer]
  var rounds: Int
  /// Of the scenarios' calls.
  var share: Double
  var directory: String

  private static let scenarios: [EchoScenario] = [.sameProcessor, .anywhere, .crowd, .long]

  /// What one run of one peer showed.
  private struct Sample {
    var p50: Double
    var p99: Double
    var callsPerSecond: Double
    var cpuPerCall: Double
    var residentKiB: Double
  }

  fileprivate struct Collected {
    var p50 = Series()
    var p99 = Series()
    var callsPerSecond = Series()
    var cpuPerCall = Series()
  }

  func run(into results: inout Results) throws {
    var collected: [String: [String: Collected]] = [:]
    var firstCalls: [String: Series] = [:]
    var idle: [String: Series] = [:]
    var afterLoad: [String: Series] = [:]
    var besideNobody = Series()
    var besideFlood = Series()
    for round in 1...rounds {
      say("echo: round \(round) of \(rounds)")
      for scenario in Self.scenarios {
        for peer in peers where scenario.peers(peer.name) {
          let sample = try measure(peer, scenario)
          collected[scenario.id, default: [:]][peer.name, default: Collected()].add(
            p50: sample.p50, p99: sample.p99, callsPerSecond: sample.callsPerSecond,
            cpuPerCall: sample.cpuPerCall)
        }
      }
      if let ours = peers.first(where: { $0.name == EchoPeer.ours }) {
        besideNobody.values.append(try besideNeighbour(ours, isFlooded: false))
        besideFlood.values.append(try besideNeighbour(ours, isFlooded: true))
      }
      for peer in peers where peer.name != EchoPeer.rawBatched {
        let first = try FirstCall(peer, directory: directory).measure()
        firstCalls[peer.name, default: Series()].values.append(first.milliseconds)
        idle[peer.name, default: Series()].values.append(first.residentKiB / 1024)
        // Blocking programs would wait for each other with so much under way.
        if peer.name == EchoPeer.raw { continue }
        let heavy = EchoScenario(
          id: "", title: "", calls: 1280, bytes: 64 << 10, inFlight: 64)
        let resident = try measure(peer, heavy).residentKiB
        afterLoad[peer.name, default: Series()].values.append(resident / 1024)
      }
    }
    for scenario in Self.scenarios {
      report(scenario, collected[scenario.id] ?? [:], into: &results)
    }
    var first = table("exec-to-first-call", "From exec to the first answer", "ms", firstCalls)
    first.want(.atMost(4), of: EchoPeer.ours)
    var resting = table("memory-idle", "Server's memory after the first call", "MiB", idle)
    resting.want(.atMost(10), of: EchoPeer.ours)
    var used = table("memory-after", "… after 64 calls of 64 KiB in flight", "MiB", afterLoad)
    used.want(.atMost(20), of: EchoPeer.ours)
    var neighbour = Table(
      id: "neighbour", title: "p99 of calls to one server from a loop that has another", unit: "µs")
    neighbour.add("the other is idle", besideNobody)
    neighbour.add("the other is flooded, 64 calls of 64 KiB", besideFlood, over: besideNobody)
    results.tables += [first, resting, used, neighbour]
  }

  /// The p99 of calls to one server while the caller's loop floods another one, or doesn't.
  private func besideNeighbour(_ peer: EchoPeer, isFlooded: Bool) throws -> Double {
    let sockets = ["\(directory)/near.sock", "\(directory)/far.sock"]
    for socket in sockets { unlink(socket) }
    let servers = try sockets.map { try Program(peer.path, ["serve", $0]) }
    for server in servers { try server.expect("ready") }
    let load = [String(max(200, Int(5000 * share))), "100", "1"]
    let caller = try Program(
      peer.path, (isFlooded ? ["beside"] + sockets : ["call", sockets[0]]) + load)
    try caller.expect("warm")
    try caller.say("go")
    let numbers = try caller.line().split(separator: " ").compactMap { Double($0) }
    guard numbers.count == 4 else { throw BenchmarkError("\(peer.name) said \(numbers)") }
    try caller.end()
    for server in servers { try server.end() }
    return numbers[1] / 1000
  }

  private func measure(_ peer: EchoPeer, _ scenario: EchoScenario) throws -> Sample {
    let socket = "\(directory)/echo.sock"
    unlink(socket)
    let calls = max(200, Int(Double(scenario.calls) * share * peer.share))
    let server = try Program(
      peer.path, ["serve", socket] + peer.arguments, on: scenario.place)
    try server.expect("ready")
    let load = [String(calls), String(scenario.bytes), String(scenario.inFlight)]
    let caller = try Program(
      peer.path, ["call", socket] + load + peer.arguments, on: scenario.place)
    try caller.expect("warm")
    let before = try server.cpuSeconds() + caller.cpuSeconds()
    try caller.say("go")
    let numbers = try caller.line().split(separator: " ").compactMap { Double($0) }
    guard numbers.count == 4 else { throw BenchmarkError("\(peer.name) said \(numbers)") }
    let cpu = try server.cpuSeconds() + caller.cpuSeconds() - before
    let resident = try server.statusKiB("VmRSS")
    try caller.end()
    try server.end()
    return Sample(
      p50: numbers[0] / 1000, p99: numbers[1] / 1000,
      callsPerSecond: Double(calls) / numbers[3] * 1e9, cpuPerCall: cpu / Double(calls) * 1e6,
      residentKiB: resident)
  }

  private func table(
    _ id: String, _ title: String, _ unit: String, _ series: [String: Series],
    over reference: String? = nil
  ) -> Table {
    var table = Table(id: id, title: title, unit: unit)
    for peer in peers {
      table.add(
        peer.name, series[peer.name] ?? Series(),
        over: reference.flatMap { series[$0] })
    }
    return table
  }

  private func report(
    _ scenario: EchoScenario, _ collected: [String: Collected], into results: inout Results
  ) {
    if scenario.inFlight > 1 {
      var calls = table(
        scenario.id, scenario.title, "calls/s", collected.mapValues(\.callsPerSecond))
      calls.want(.atLeast(350_000), of: EchoPeer.ours)
      var cpu = table(
        "\(scenario.id)-cpu", "Processor time of a call, both processes, 64 in flight", "µs",
        collected.mapValues(\.cpuPerCall))
      cpu.want(.atMost(8), of: EchoPeer.ours)
      results.tables += [calls, cpu]
      return
    }
    var p50 = table(
      scenario.id, "\(scenario.title): p50", "µs", collected.mapValues(\.p50),
      over: EchoPeer.raw)
    switch scenario.id {
    case EchoScenario.sameProcessor.id: p50.want(.atMost(1.3), of: EchoPeer.ours, asRatio: true)
    case EchoScenario.long.id: p50.want(.atMost(1.6), of: EchoPeer.ours, asRatio: true)
    default: p50.want(.atMost(12), of: EchoPeer.ours)
    }
    results.tables.append(p50)
    if scenario.id == EchoScenario.anywhere.id {
      results.tables.append(
        table("\(scenario.id)-p99", "\(scenario.title): p99", "µs", collected.mapValues(\.p99)))
    }
  }
}

extension EchoBench.Collected {
  fileprivate mutating func add(
    p50: Double, p99: Double, callsPerSecond: Double, cpuPerCall: Double
  ) {
    self.p50.values.append(p50)
    self.p99.values.append(p99)
    self.callsPerSecond.values.append(callsPerSecond)
    self.cpuPerCall.values.append(cpuPerCall)
  }
}

extension Program {
  func expect(_ word: String) throws {
    let line = try line()
    if line != word { throw BenchmarkError("expected \(word), not \(line)") }
  }
}
