internal import Model

extension PlannedTask {
  /// How long it took, or has taken so far; nil before it began.
  func elapsed(at now: Timestamp) -> Milliseconds? {
    submittedAt.map { (endedAt ?? now) - $0 }
  }

  /// What there is to say beside the state: why it waits, how far it is, what went wrong.
  func note(at now: Timestamp) -> String {
    if let park { return park.reason.rawValue + text(after: ": ", park.message) }
    switch state {
    case .complete, .cancelled: return ""
    case .failed: return errorText
    case .pending, .running, .waiting: break
    }
    if let nextAttemptAt, nextAttemptAt > now {
      return "again in \(ElapsedText.describe(nextAttemptAt - now))" + text(after: ": ", errorText)
    }
    if outcomeUnknown { return "asking the plugin what became of it" }
    if let progress, !progress.message.isEmpty || progress.percent > 0 {
      let percent = progress.percent > 0 ? "\(progress.percent)%" : ""
      return [percent, progress.message].filter { !$0.isEmpty }.joined(separator: " ")
    }
    if state == .waiting, let wait { return wait.wish.gate.note }
    return ""
  }

  private var errorText: String {
    error.map { $0.reason + text(after: ": ", $0.message) } ?? ""
  }

  private func text(after separator: String, _ text: String) -> String {
    text.isEmpty ? "" : separator + text
  }
}

extension Gate {
  /// "waits for StatefulSet default/redis (and 2 more)".
  var note: String {
    guard let first = clauses.first else { return "" }
    let more = clauses.count > 1 ? " (and \(clauses.count - 1) more)" : ""
    return "waits for \(first.note)\(more)"
  }
}

extension GateClause {
  fileprivate var note: String {
    let name = "\(intent.kind) \(intent.key)"
    return switch test {
    case .committed: name
    case .absent: "\(name) to be gone"
    case .settled: "\(name) to be done or gone"
    case .equals: "\(path) of \(name) to be \(value)"
    case .atLeast: "\(path) of \(name) to be at least \(value)"
    }
  }
}

extension Plan {
  /// "3/7": the tasks that are complete.
  var progress: String {
    "\(tasks.count { $0.state == .complete })/\(tasks.count)"
  }
}
