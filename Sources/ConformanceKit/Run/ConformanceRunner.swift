internal import Glibc
internal import LinuxSystem
internal import PluginProto
public import TTRPC

/// Holds a plugin against the cases, one after the other.
///
/// Cases that do the plugin no harm share a process; the others start one of their own.
///
/// - Cancellation: ends the case that runs; all processes are ended before `run` returns.
public struct ConformanceRunner: Sendable {
  private static let logLinesShown = 12

  private let subject: ConformanceSubject
  private let options: ConformanceOptions
  private let loop: EventLoop

  /// - Parameter loop: where connections and waits live; the runner does not stop it.
  public init(
    _ subject: ConformanceSubject, options: ConformanceOptions = ConformanceOptions(),
    on loop: EventLoop
  ) {
    self.subject = subject
    self.options = options
    self.loop = loop
  }

  /// Runs the chosen cases.
  ///
  /// - Parameter report: is told of each result as it comes.
  /// - Throws: `ConformanceError` where the plugin can't be started or does not describe itself; then
  ///   there is nothing to hold it against.
  public func run(
    report: @Sendable (CaseResult) -> Void = { _ in }
  ) async throws(ConformanceError) -> ConformanceReport {
    let workplace: Workplace
    do {
      SignalFD.ignore(SIGPIPE)
      workplace = try Workplace(subject, on: loop)
    } catch {
      throw ConformanceError(description: "can't make a directory for the run: \(error)")
    }
    let outcome: Result<ConformanceReport, ConformanceError>
    do throws(ConformanceError) {
      outcome = .success(try await run(workplace, report))
    } catch {
      outcome = .failure(error)
    }
    await workplace.close()
    return try outcome.get()
  }

  private func run(
    _ workplace: Workplace, _ report: @Sendable (CaseResult) -> Void
  ) async throws(ConformanceError) -> ConformanceReport {
    let facts = try await introduce(workplace)
    var results: [CaseResult] = []
    for one in ConformanceCase.all where options.selects(one) {
      if Task.isCancelled { throw ConformanceError(description: "the run was interrupted") }
      let result = await result(of: one, facts, workplace)
      report(result)
      results.append(result)
    }
    return ConformanceReport(
      plugin: facts.description.name, version: facts.description.version, seed: options.seed,
      results: results)
  }

  /// Starts the process that cases share, and learns what there is to test.
  private func introduce(_ workplace: Workplace) async throws(ConformanceError) -> Facts {
    do {
      let empty = Facts(subject: subject, description: .init())
      let run = CaseRun("introduction", empty, workplace, options)
      defer { run.closeConnections() }
      let host = try await run.connect()
      let description = try await host.call(
        PluginV1.Plugin.describe, .init(call: host.context))
      var facts = Facts(subject: subject, description: description)
      let expanding = CaseRun("introduction", facts, workplace, options)
      for type in facts.types(where: { $0.capabilities.contains("expand") && $1.good != nil }) {
        // What Expand gets wrong is told by the case about it.
        guard let reply = try? await host.expand(try expanding.task(type)) else { continue }
        facts.phases[type.type] = reply.phases.first?.name
      }
      return facts
    } catch {
      throw ConformanceError(
        description: ([
          "the plugin does not get through Handshake, Describe and Configure: \(error)"
        ]
          + (workplace.newest?.log.tail(Self.logLinesShown) ?? [])).joined(separator: "\n"))
    }
  }

  private func result(
    of one: ConformanceCase, _ facts: Facts, _ workplace: Workplace
  ) async -> CaseResult {
    let isRoot = geteuid() == 0
    if let reason = one.needs.lazy.compactMap({ $0.missing(facts, isRoot: isRoot) }).first {
      return CaseResult(of: one, .skipped(reason), .zero, log: [])
    }
    let run = CaseRun(one.id, facts, workplace, options)
    let started = MonotonicTime.now()
    var outcome = CaseResult.Outcome.passed
    do {
      try await one.body(run)
    } catch let error as CaseFailure {
      outcome = .failed(error.description)
    } catch {
      outcome = .failed("a call failed that must not: \(error)")
    }
    var log: [String] = []
    if let shared = workplace.sharedNow {
      if let status = shared.exitStatus {
        let why = "the plugin's process ended with \(status)"
        if case .failed(let message) = outcome { outcome = .failed("\(message); \(why)") }
        if case .passed = outcome { outcome = .failed(why) }
      }
      if case .failed = outcome {
        log = shared.log.tail(Self.logLinesShown)
        // What a failed case left behind is not the next one's business.
        workplace.replaceShared()
      }
    }
    run.closeConnections()
    workplace.endOthers()
    return CaseResult(of: one, outcome, MonotonicTime.now().duration(since: started), log: log)
  }
}

/// Why a plugin can't be tested at all.
public struct ConformanceError: Error, Sendable, CustomStringConvertible {
  public let description: String
}
