import JSON
import SeededRandom

@testable import Execution
@testable import Model

/// What a delivery is known by.
struct DeliveryKey: Hashable, CustomStringConvertible {
  var taskID: String
  var attempt: Int64
  var step: Int64

  init(_ task: PlannedTask) {
    taskID = task.id
    attempt = task.attempt
    step = task.step
  }

  var description: String { "\(taskID)/\(attempt)/\(step)" }
}

/// A plugin that answers by a seed, loses calls on the way, and judges what it is asked.
struct FakePlugin {
  /// How a task type answers Recover.
  enum Memory: CaseIterable {
    /// Remembers every delivery, as the SDK's journal does.
    case journal
    /// Acts through intents: remembers nothing and says that nothing was started.
    case forgetful
    /// Can't tell, and may be executed again.
    case idempotent
    /// Can't tell, and must not be executed again.
    case opaque
  }

  private enum Record {
    case running
    case finished(TaskAnswer)
  }

  let memories: [String: Memory]
  private var records: [DeliveryKey: Record] = [:]
  /// Deliveries that reached the plugin and were not declared repeatable by Recover since.
  private var spent: Set<DeliveryKey> = []
  private(set) var violations: [String] = []
  /// From there on every call succeeds, so that every history ends.
  var isHealthy = false

  init(memories: [String: Memory]) {
    self.memories = memories
  }

  mutating func execute(_ task: PlannedTask, _ random: inout SplitMix64) -> TaskAnswer {
    let key = DeliveryKey(task)
    if !isHealthy {
      switch random.next() % 16 {
      case 0: return .noPlugin(message: "away")
      case 1: return .callFailed(failure(.unavailable))
      case 2: return .callFailed(failure(.failedPrecondition))
      case 3:
        return .callFailed(failure(.unavailable, mayHaveBeenReceived: false, isAnswer: false))
      case 4:
        // Lost on the way there, which the host can't know.
        return .callFailed(failure(.unavailable, isAnswer: false))
      default: break
      }
    }
    accept(task, key)
    let answer = outcome(of: task, &random)
    records[key] = if case .running = answer { .running } else { .finished(answer) }
    let isLost = !isHealthy && random.next() % 8 == 0
    return isLost ? .callFailed(failure(.deadlineExceeded, isAnswer: false)) : answer
  }

  private mutating func accept(_ task: PlannedTask, _ key: DeliveryKey) {
    if !spent.insert(key).inserted {
      violations.append("\(key) was executed twice without a Recover that allowed it")
    }
    guard task.attempt > 1 else { return }
    let failedBefore = records.contains { other, record in
      guard other.taskID == key.taskID, other.attempt == key.attempt - 1 else { return false }
      if case .finished(.failed(_, isTransient: true, retryAfter: _)) = record { return true }
      return false
    }
    if !failedBefore { violations.append("\(key) follows no known failure") }
  }

  private func outcome(of task: PlannedTask, _ random: inout SplitMix64) -> TaskAnswer {
    switch random.next() % 8 {
    case 0 where task.step < 4:
      return .wait(Wish(set: [setVolume], remove: [], gate: volumeGate))
    case 1 where task.step < 4:
      return .wait(Wish(set: [], remove: [], gate: volumeGate))
    case 2, 3: return .running(nil, nil)
    case 4 where !isHealthy: return .failed(broken, isTransient: true, retryAfter: nil)
    case 5 where !isHealthy && random.next() % 4 == 0:
      return .failed(broken, isTransient: false, retryAfter: nil)
    default: return .complete(outputs: ["by": .string(task.id)])
    }
  }

  mutating func recover(_ task: PlannedTask, _ random: inout SplitMix64) -> RecoveryAnswer {
    if !isHealthy {
      switch random.next() % 8 {
      case 0: return .noPlugin(message: "away")
      case 1: return .callFailed(failure(.internal))
      default: break
      }
    }
    let key = DeliveryKey(task)
    switch memories[task.id] {
    case .journal, nil:
      switch records[key] {
      case nil: return .notStarted
      case .running: return .running(nil, nil)
      case .finished(let answer): return .finished(answer)
      }
    case .forgetful:
      spent.remove(key)
      return .notStarted
    case .idempotent:
      spent.remove(key)
      return .unknown(isIdempotent: true)
    case .opaque:
      return .unknown(isIdempotent: false)
    }
  }

  /// The end of running work, as the plugin pushes it; nil where none is running.
  mutating func finishRunning(_ task: PlannedTask, _ random: inout SplitMix64) -> TaskAnswer? {
    let key = DeliveryKey(task)
    guard case .running = records[key] else { return nil }
    let answer: TaskAnswer =
      !isHealthy && random.next() % 4 == 0
      ? .failed(broken, isTransient: true, retryAfter: nil)
      : .complete(outputs: ["by": .string(task.id)])
    records[key] = .finished(answer)
    return answer
  }

  /// The last push again, as a plugin that lost its place in the stream sends it.
  func lastEnd(_ task: PlannedTask) -> TaskAnswer? {
    guard case .finished(let answer) = records[DeliveryKey(task)] else { return nil }
    if case .wait = answer { return nil }
    return answer
  }

  /// Whether some delivery of the task ended well.
  func isDone(_ taskID: String) -> Bool {
    records.contains { key, record in
      guard key.taskID == taskID, case .finished(.complete) = record else { return false }
      return true
    }
  }
}
