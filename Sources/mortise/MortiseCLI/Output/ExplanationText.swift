internal import JSON
internal import Model

/// An explanation for a person.
///
/// Pure: the same explanation at the same time gives the same lines.
struct ExplanationText: Sendable {
  var explanation: Explanation
  var appearance: Appearance
  var now: Timestamp

  var lines: [String] {
    heading + place + explanation.waits.flatMap(waiting) + failure + nextSteps
  }

  private var heading: [String] {
    let key = explanation.resource
    var line = StyledLine("\(key.kind.lowercased())/\(key.name) ", .bold)
    line.append(explanation.state.rawValue, colour)
    // The summary is what was asked for: it goes on below rather than being cut.
    let text = wrapped(": " + explanation.summary, after: DisplayText.width(line.plain))
    line.append(text[0])
    return [line.rendered(appearance)] + text.dropFirst().map { "  " + $0 }
  }

  private var place: [String] {
    var parts: [String] = []
    if !explanation.phase.isEmpty { parts.append("phase \(explanation.phase)") }
    if !explanation.plan.isEmpty { parts.append("plan \(explanation.plan)") }
    if let since = explanation.since {
      parts.append("for \(ElapsedText.age(of: since, at: now))")
    }
    return parts.isEmpty ? [] : ["  " + parts.joined(separator: ", ")]
  }

  private func waiting(_ waiting: Explanation.Waiting) -> [String] {
    var title = "waits for \(waiting.subject)"
    if let since = waiting.since { title += ", for \(ElapsedText.age(of: since, at: now))" }
    var lines = ["", title] + indented(waiting.message)
    if !waiting.holder.isEmpty { lines += indented("held by: \(waiting.holder)") }
    if let until = waiting.until, until > now {
      lines += indented("until: \(until), in \(ElapsedText.describe(until - now))")
    }
    return lines + indented("woken by: \(waiting.wakes)")
  }

  private var failure: [String] {
    guard let failure = explanation.failure else { return [] }
    var title = "failed: \(failure.what)"
    if let moment = failure.at { title += ", \(ElapsedText.age(of: moment, at: now)) ago" }
    return ["", title] + indented("\(failure.error.reason): \(failure.error.message)")
  }

  private var nextSteps: [String] {
    explanation.nextSteps.isEmpty ? [] : ["", "next:"] + explanation.nextSteps.map { "  " + $0 }
  }

  private func indented(_ text: String) -> [String] {
    text.isEmpty ? [] : wrapped(text, after: 2).map { "  " + $0 }
  }

  /// Never empty.
  private func wrapped(_ text: String, after margin: Int) -> [String] {
    let columns = appearance.terminal?.columns ?? .max
    let lines = DisplayText.wrapped(
      DisplayText.harmless(text), to: columns == .max ? .max : max(20, columns - margin))
    return lines.isEmpty ? [""] : lines
  }

  private var colour: StyledLine.Colour? {
    switch explanation.state {
    case .steady: .green
    case .running: .cyan
    case .waiting, .paused, .deleting: .yellow
    case .failed, .stuck: .red
    }
  }
}

extension Explanation.Failure {
  /// "init/apply"; of a rollout's child "node/shop-2, task apply".
  fileprivate var what: String {
    if child.isEmpty { return task.isEmpty ? plan : plan.isEmpty ? task : "\(plan)/\(task)" }
    return task.isEmpty ? child : "\(child), task \(task)"
  }
}
