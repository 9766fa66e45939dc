import JSON
import PluginProto
import Synchronization
import TTRPC

/// Runs the steps of external tasks, each at most once, and remembers how they ended.
///
/// - Invariant: a step is journalled as begun before its task's code runs, and its outcome before anyone
///   is told (guarded by `ExternalTaskTests`).
/// - Invariant: two calls for one step run it once (guarded by `ExternalTaskTests`).
/// - Isolation: a mutex around the table of live steps; the task's code runs on the loop.
final class ExternalSteps: Sendable {
  private struct State {
    var live: [StepKey: Execution] = [:]
    var isDraining = false
  }

  private enum Start {
    case join(Execution)
    case run(Execution)
    case replay([UInt8])
  }

  let journal: Journal
  private let state = Mutex(State())
  private let loop: EventLoop
  private let updates: UpdateFeed
  private let log: PluginLog
  /// Fulfilled once nothing is live after `drain`.
  private let idle = Promise<Void>()

  init(on loop: EventLoop, journal: Journal, updates: UpdateFeed, log: PluginLog) {
    self.loop = loop
    self.journal = journal
    self.updates = updates
    self.log = log
  }

  /// Runs the step, joins it where it runs already, or replays how it ended.
  ///
  /// - Cancellation: ends the caller's wait; the step goes on and Recover finds it.
  func execute(
    _ key: StepKey, _ context: TaskContext, _ prepared: TaskBinding.Prepared
  ) async throws -> PluginV1.TaskReply {
    switch try start(key) {
    case .replay(let reply): return try PluginV1.TaskReply(serialized: reply)
    case .join(let execution): return try await execution.answer.value().get()
    case .run(let execution):
      let context = updating(context, execution)
      let task = loop.spawn {
        await self.run(execution, context) { try await prepared.execute(context) }
      }
      execution.keep(task)
      return try await execution.answer.value().get()
    }
  }

  private func start(_ key: StepKey) throws(RPCError) -> Start {
    let start = state.withLock { state -> Result<Start, RPCError> in
      if let live = state.live[key] { return .success(.join(live)) }
      switch journal.find(key) {
      case .overtaken(let attempt): return .failure(.overtaken(key, by: attempt))
      case .entry(.replied(let reply)) where !Self.isRunning(reply): return .success(.replay(reply))
      // Begun, or running, in an earlier process: the host has recovered the step and asks anew.
      case .nothing, .entry: break
      }
      if state.isDraining { return .failure(.draining) }
      let execution = Execution(key)
      state.live[key] = execution
      return .success(.run(execution))
    }
    return try start.get()
  }

  private static func isRunning(_ reply: [UInt8]) -> Bool {
    (try? PluginV1.TaskReply(serialized: reply))?.isRunning ?? false
  }

  private func run(
    _ execution: Execution, _ context: TaskContext, _ body: @escaping TaskBinding.Work
  ) async {
    do throws(JournalError) {
      try await journal.append(.begun(execution.key))
    } catch {
      await settle(execution, .refused(.journalUnavailable(error)))
      return
    }
    await carryOn(execution, context, from: await StepResult.of(context, body))
  }

  /// Settles a result and runs the work that it leaves, until none is left.
  private func carryOn(
    _ execution: Execution, _ context: TaskContext, from first: StepResult
  ) async {
    var result = first
    while true {
      await settle(execution, result)
      // The author may have ended the step by himself: then the work is not wanted any more.
      guard case .running(_, let work?) = result, !execution.isEnded else { return }
      result = await StepResult.of(context, work)
    }
  }

  /// Remembers and tells how a step went; only its first end counts.
  private func settle(_ execution: Execution, _ result: StepResult) async {
    switch result {
    case .running(let reply, _):
      guard execution.goOn(reply) else { return }
      await remember(execution, .replied(execution.key, reply: reply.serialized()))
      execution.answer.fulfill(.success(reply))
    case .reply(let reply):
      guard let mustPush = execution.end() else { return }
      await remember(execution, .replied(execution.key, reply: reply.serialized()))
      finish(execution, .success(reply), push: mustPush ? reply : nil)
    case .refused(let error):
      guard let mustPush = execution.end() else { return }
      await remember(execution, .withdrawn(execution.key))
      // Whoever waits for an update can't be told to call again; a transient failure comes closest.
      let reply = PluginV1.TaskReply.failed(.transient(error.reason, error.message))
      finish(execution, .failure(error), push: mustPush ? reply : nil)
    }
  }

  private func remember(_ execution: Execution, _ record: JournalRecord) async {
    // A task that was forgotten meanwhile leaves nothing behind.
    guard isLive(execution) else { return }
    do throws(JournalError) {
      try await journal.append(record)
    } catch {
      // The step did what it did and its caller is told; after a crash it counts as unknown.
      log.error("the outcome of a step was not journalled", ["error": .string(error.description)])
    }
  }

  private func finish(
    _ execution: Execution, _ answer: Result<PluginV1.TaskReply, RPCError>,
    push reply: PluginV1.TaskReply?
  ) {
    let (wasLive, isIdle) = state.withLock { state in
      let wasLive = state.live[execution.key] === execution
      if wasLive { state.live[execution.key] = nil }
      return (wasLive, state.isDraining && state.live.isEmpty)
    }
    execution.answer.fulfill(answer)
    if wasLive, let reply { push(execution.key, reply) }
    if isIdle { idle.fulfill(()) }
  }

  private func isLive(_ execution: Execution) -> Bool {
    state.withLock { $0.live[execution.key] === execution }
  }

  private func push(_ key: StepKey, _ reply: PluginV1.TaskReply) {
    updates.push(
      PluginV1.TaskUpdate(
        taskID: key.taskID, attempt: key.attempt, reply: reply, step: key.step))
  }
}

/// What reaches a step from outside of its call.
extension ExternalSteps {
  /// The context whose updates belong to the step.
  func updating(_ context: TaskContext, _ execution: Execution) -> TaskContext {
    var context = context
    context.updates = TaskUpdates { update in
      switch update {
      case .progress(let progress):
        if let reply = execution.advance(progress) { self.push(execution.key, reply) }
      case .complete(let outputs):
        let reply = PluginV1.TaskReply(outcome: .complete(.init(outputs: outputs.serialized())))
        self.loop.spawn { await self.settle(execution, .reply(reply)) }
      case .failed(let failure):
        self.loop.spawn { await self.settle(execution, .reply(.failed(failure))) }
      }
    }
    return context
  }

  /// Cancels the steps of an attempt that run here.
  func cancel(taskID: String, attempt: UInt32) {
    let executions = state.withLock { state in
      state.live.values.filter { $0.key.taskID == taskID && $0.key.attempt == attempt }
    }
    for execution in executions { execution.cancel() }
  }

  /// Drops what is remembered of the tasks; one that still runs goes on and tells nobody.
  func forget(_ taskIDs: [String]) {
    let forgotten = Set(taskIDs)
    state.withLock { state in
      state.live = state.live.filter { !forgotten.contains($0.key.taskID) }
    }
    // Not waited for: what a crash brings back, the host forgets again or never asks about.
    journal.forgetLater(taskIDs)
  }

  /// Refuses new steps and returns once those that run have ended.
  func drain() async {
    let isIdle = state.withLock { state in
      state.isDraining = true
      return state.live.isEmpty
    }
    if isIdle { idle.fulfill(()) }
    // Cancelled when the grace is over: then what still runs becomes unknown, and is recovered.
    try? await idle.value()
  }
}

/// Recovery after a lost connection or an earlier process.
extension ExternalSteps {
  func recover(
    _ key: StepKey, handle: [UInt8], _ context: TaskContext, _ prepared: TaskBinding.Prepared
  ) async throws -> PluginV1.RecoverReply {
    if let live = state.withLock({ $0.live[key] }), let running = live.promiseUpdate() {
      return PluginV1.RecoverReply(state: .running, reply: running)
    }
    var handle = handle
    switch journal.find(key) {
    case .overtaken(let attempt): throw RPCError.overtaken(key, by: attempt)
    case .nothing where handle.isEmpty: return PluginV1.RecoverReply(state: .notStarted)
    // The host saw it running: the journal was lost, and the type must tell.
    case .nothing, .entry(.begun): break
    case .entry(.replied(let bytes)):
      let reply = try PluginV1.TaskReply(serialized: bytes)
      guard reply.isRunning else {
        return PluginV1.RecoverReply(state: .finished, reply: reply)
      }
      handle = reply.handle
    }
    return try await ask(key, handle, context, prepared)
  }

  /// Asks the type about a step whose end is not journalled, and remembers its answer.
  private func ask(
    _ key: StepKey, _ handle: [UInt8], _ context: TaskContext, _ prepared: TaskBinding.Prepared
  ) async throws -> PluginV1.RecoverReply {
    let execution = Execution(key)
    let context = updating(context, execution)
    let recovered: TaskBinding.Recovered
    do {
      recovered = try await prepared.recover(handle, context)
    } catch let failure as TaskFailure {
      return try await adopt(execution, context, .reply(.failed(failure)))
    } catch let refusal as TaskRefusal {
      throw RPCError(refusal)
    } catch {
      log.fault("recover threw an error that is no TaskFailure", ["error": "\(error)"])
      throw RPCError(.unavailable, reason: "RecoverFailed", message: "\(error)")
    }
    switch recovered {
    case .unknown: return PluginV1.RecoverReply(state: .unknown)
    case .notStarted:
      try? await journal.append(.withdrawn(key))
      return PluginV1.RecoverReply(state: .notStarted)
    case .finished(let outcome):
      return try await adopt(execution, context, await StepResult.of(context) { outcome })
    }
  }

  /// Takes a recovered step up as if it had run here.
  private func adopt(
    _ execution: Execution, _ context: TaskContext, _ result: StepResult
  ) async throws -> PluginV1.RecoverReply {
    let other = state.withLock { state -> Execution? in
      if let other = state.live[execution.key] { return other }
      state.live[execution.key] = execution
      return nil
    }
    // Another call took it up while the type was asked.
    if let other { return .init(state: .running, reply: other.promiseUpdate()) }
    execution.keep(loop.spawn { await self.carryOn(execution, context, from: result) })
    let reply = try await execution.answer.value().get()
    return .init(state: reply.isRunning ? .running : .finished, reply: reply)
  }
}

extension RPCError {
  static func overtaken(_ key: StepKey, by attempt: UInt32) -> RPCError {
    RPCError(
      .failedPrecondition, reason: "StaleAttempt",
      message: "attempt \(key.attempt) of task \(key.taskID) was overtaken by attempt \(attempt)")
  }

  /// Nothing was done.
  static func journalUnavailable(_ error: JournalError) -> RPCError {
    RPCError(.unavailable, reason: "JournalUnavailable", message: error.description)
  }

  static let draining = RPCError(
    .unavailable, reason: "ShuttingDown", message: "the plugin finishes its work and exits")
}
