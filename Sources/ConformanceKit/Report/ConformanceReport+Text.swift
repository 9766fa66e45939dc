extension CaseResult {
  /// One line for a person, and where it failed what to look at.
  public var text: String {
    let label = "\(id.padded(34)) \("\(level)".padded(8))"
    switch outcome {
    case .passed: return "   ok  \(label) \(duration.milliseconds) ms"
    case .skipped(let reason): return " skip  \(label) \(reason)"
    case .failed(let message):
      var lines = ["\(level == .should ? " warn" : " FAIL")  \(label) \(message)"]
      lines.append("       why it matters: \(why)")
      lines.append("       the rule: proto/PROTOCOL.md, \"\(section)\"")
      lines += log.map { "       log: \($0)" }
      return lines.joined(separator: "\n")
    }
  }
}

extension ConformanceReport {
  /// The last lines of a report: counts, and the verdict.
  public var summary: String {
    let violations = results.count(where: \.isViolation)
    let advice = failures.count - violations
    var lines = [
      "\(results.count) cases: \(passedCount) passed, \(violations) failed, "
        + "\(advice) SHOULD not met, \(skippedCount) skipped (seed \(seed))"
    ]
    var reasons: [String: Int] = [:]
    for case .skipped(let reason) in results.map(\.outcome) { reasons[reason, default: 0] += 1 }
    for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(count) skipped: \(reason)")
    }
    lines.append(
      "\(plugin) \(version) \(isConforming ? "conforms" : "does not conform") "
        + "to mortise.plugin.v1, as far as the cases that ran can tell")
    return lines.joined(separator: "\n")
  }
}

extension Duration {
  var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
