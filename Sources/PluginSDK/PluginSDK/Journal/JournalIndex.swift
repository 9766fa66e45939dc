/// What a journal says, in memory: a pure function of its records.
///
/// Of a task only the newest attempt is kept. The host raises the attempt only once it knows how the last
/// one ended, so nothing asks about older ones but calls that were overtaken; those are refused.
struct JournalIndex: Sendable {
  /// What is known of a step.
  enum Entry: Sendable, Equatable {
    case begun
    case replied([UInt8])
  }

  /// What a call for a step finds.
  enum Finding: Sendable, Equatable {
    /// The step never began, or withdrew.
    case nothing
    case entry(Entry)
    /// A newer attempt of the task has begun.
    case overtaken(by: UInt32)
  }

  private struct Attempt {
    var number: UInt32
    var steps: [UInt32: Entry] = [:]
  }

  private var attempts: [String: Attempt] = [:]
  /// About what a file with nothing but the present records would hold.
  private(set) var liveBytes = 0

  var isEmpty: Bool { attempts.isEmpty }

  func knows(_ taskID: String) -> Bool { attempts[taskID] != nil }

  func find(_ key: StepKey) -> Finding {
    guard let attempt = attempts[key.taskID], attempt.number >= key.attempt else { return .nothing }
    if attempt.number > key.attempt { return .overtaken(by: attempt.number) }
    return attempt.steps[key.step].map(Finding.entry) ?? .nothing
  }

  mutating func apply(_ record: JournalRecord) {
    switch record {
    case .begun(let key): set(.begun, for: key)
    case .replied(let key, let reply): set(.replied(reply), for: key)
    case .withdrawn(let key): set(nil, for: key)
    case .forgotten(let taskID):
      if let attempt = attempts.removeValue(forKey: taskID) { liveBytes -= size(taskID, attempt) }
    }
  }

  private mutating func set(_ entry: Entry?, for key: StepKey) {
    var attempt = attempts.removeValue(forKey: key.taskID) ?? Attempt(number: key.attempt)
    liveBytes -= size(key.taskID, attempt)
    if attempt.number < key.attempt { attempt = Attempt(number: key.attempt) }
    if attempt.number == key.attempt { attempt.steps[key.step] = entry }
    // An attempt that withdrew its only step is as good as none.
    if attempt.steps.isEmpty { return }
    liveBytes += size(key.taskID, attempt)
    attempts[key.taskID] = attempt
  }

  private func size(_ taskID: String, _ attempt: Attempt) -> Int {
    attempt.steps.values.reduce(0) { sum, entry in
      let fixed = 32 + taskID.utf8.count
      if case .replied(let reply) = entry { return sum + fixed + reply.count }
      return sum + fixed
    }
  }

  /// The fewest records that say the same.
  var records: [JournalRecord] {
    attempts.flatMap { taskID, attempt in
      attempt.steps.map { step, entry in
        let key = StepKey(taskID: taskID, attempt: attempt.number, step: step)
        return switch entry {
        case .begun: .begun(key)
        case .replied(let reply): .replied(key, reply: reply)
        }
      }
    }
  }
}
