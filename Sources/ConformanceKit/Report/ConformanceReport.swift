/// What became of a case.
public struct CaseResult: Sendable {
  /// How a case ended.
  public enum Outcome: Sendable, Equatable {
    case passed
    /// What was expected, and what came instead.
    case failed(String)
    /// What is missing, to be able to tell.
    case skipped(String)
  }

  public let id: String
  public let level: ConformanceCase.Level
  public let section: String
  public let why: String
  public let outcome: Outcome
  public let duration: Duration
  /// The plugin's last lines, of a case that failed.
  public let log: [String]

  init(of one: ConformanceCase, _ outcome: Outcome, _ duration: Duration, log: [String]) {
    id = one.id
    level = one.level
    section = one.section
    why = one.why
    self.outcome = outcome
    self.duration = duration
    self.log = log
  }

  /// Whether a plugin with this result does not conform: a SHOULD is advice.
  public var isViolation: Bool {
    if case .failed = outcome { level != .should } else { false }
  }
}

/// The results of a run, in the order of the cases.
public struct ConformanceReport: Sendable {
  /// As Describe says.
  public let plugin: String
  public let version: String
  public let seed: UInt64
  public let results: [CaseResult]

  /// Whether no binding rule was broken.
  public var isConforming: Bool { !results.contains(where: \.isViolation) }

  /// Ids of the cases that failed.
  public var failures: Set<String> {
    Set(results.filter { if case .failed = $0.outcome { true } else { false } }.map(\.id))
  }

  var passedCount: Int { results.count { $0.outcome == .passed } }
  var skippedCount: Int {
    results.count { if case .skipped = $0.outcome { true } else { false } }
  }
}
