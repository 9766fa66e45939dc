import JSON
import PluginProto
import Synchronization
import TTRPC

/// Answers `mortise.plugin.v1.Tasks` for the plugin's task types.
///
/// - Isolation: immutable but for the steps, which come with the configuration.
final class TaskService: Sendable {
  let descriptions: [PluginV1.TaskTypeDescription]
  private let bindings: [String: TaskBinding]
  private let log: PluginLog

  var hasExternalTasks: Bool { bindings.values.contains(where: \.isExternal) }

  init(_ tasks: [any TaskType], log: PluginLog) {
    let bindings = tasks.map(TaskBinding.init)
    descriptions = bindings.map(\.description)
    self.bindings = Dictionary(
      bindings.map { ($0.description.type, $0) },
      uniquingKeysWith: { first, _ in
        preconditionFailure("two task types are named \(first.description.type)")
      })
    self.log = log
  }

  func validate(_ request: PluginV1.ValidateRequest) async throws(RPCError)
    -> PluginV1.ValidateReply
  {
    let binding = try binding(request.type)
    return PluginV1.ValidateReply(problems: await binding.validate(request.params))
  }

  func execute(
    _ request: PluginV1.ExecuteRequest, _ configuration: PluginConfiguration
  ) async throws -> PluginV1.TaskReply {
    let binding = try binding(request.type)
    let key = try StepKey(request.taskID, request.attempt, request.step)
    let prepared = try binding.prepare(request.params)
    let context = try TaskContext(request, configuration, log)
    guard binding.isExternal else { return try await answer(prepared, context) }
    if request.dryRun { return try await preview(binding, request, context) }
    return try await configuration.requiredSteps.execute(key, context, prepared)
  }

  private func preview(
    _ binding: TaskBinding, _ request: PluginV1.ExecuteRequest, _ context: TaskContext
  ) async throws -> PluginV1.TaskReply {
    guard let preview = binding.preview else {
      throw RPCError(
        .unimplemented, reason: "NoDryRun",
        message: "\(request.type) acts externally, and does not say what it would do")
    }
    do {
      let text = try await preview(request.params, context)
      return PluginV1.TaskReply(outcome: .complete(.init(preview: text)))
    } catch let failure as TaskFailure {
      return .failed(failure)
    }
  }

  /// Undoes a task: under a task id of its own, so that the journal keeps the two apart.
  func revert(
    _ request: PluginV1.ExecuteRequest, _ configuration: PluginConfiguration
  ) async throws -> PluginV1.TaskReply {
    guard let prepare = try binding(request.type).prepareRevert else {
      throw RPCError.notOffered("Tasks.Revert of \(request.type)")
    }
    let key = try StepKey(request.taskID, request.attempt, request.step)
    let prepared = try prepare(request.params)
    let context = try TaskContext(request, configuration, log)
    return try await configuration.requiredSteps.execute(key, context, prepared)
  }

  func expand(_ request: PluginV1.ExpandRequest) async throws -> PluginV1.ExpandReply {
    guard let expand = try binding(request.type).expand else {
      throw RPCError.notOffered("Tasks.Expand of \(request.type)")
    }
    do {
      let phases = try await expand(request.params, ResourceReference(request.resource))
      return PluginV1.ExpandReply(
        phases: phases.map {
          PluginV1.TaskPhase(
            name: $0.name, revertible: $0.isRevertible, exclusiveKeys: $0.exclusiveKeys,
            pointOfNoReturn: $0.isPointOfNoReturn, adds: $0.adds.map(\.wire))
        })
    } catch let failure as TaskFailure {
      throw RPCError(.invalidArgument, reason: failure.reason, message: failure.message)
    } catch let refusal as TaskRefusal {
      throw RPCError(refusal)
    }
  }

  /// Calls a task that acts through intents: nothing is remembered, it answers the same again.
  private func answer(
    _ prepared: TaskBinding.Prepared, _ context: TaskContext
  ) async throws(RPCError) -> PluginV1.TaskReply {
    switch await StepResult.of(context, { try await prepared.execute(context) }) {
    case .reply(let reply): return reply
    case .refused(let error): throw error
    case .running:
      return .failed(
        .terminal("InvalidOutcome", "a task that acts through intents must not answer running"))
    }
  }

  func recover(
    _ request: PluginV1.RecoverRequest, _ configuration: PluginConfiguration
  ) async throws -> PluginV1.RecoverReply {
    let binding = try binding(request.type)
    let key = try StepKey(request.taskID, request.attempt, request.step)
    guard binding.isExternal else { return PluginV1.RecoverReply(state: .notStarted) }
    guard let prepare = request.revert ? binding.prepareRevert : binding.prepare else {
      throw RPCError.notOffered("Tasks.Revert of \(request.type)")
    }
    let prepared = try prepare(request.params)
    return try await configuration.requiredSteps.recover(
      key, handle: request.handle, TaskContext(request, configuration, log), prepared)
  }

  private func binding(_ type: String) throws(RPCError) -> TaskBinding {
    guard let binding = bindings[type] else {
      throw RPCError(
        .unimplemented, reason: "UnknownTaskType",
        message: "this plugin has no task type \"\(type)\"; it has "
          + bindings.keys.sorted().joined(separator: ", "))
    }
    return binding
  }
}

extension StepKey {
  init(_ taskID: String, _ attempt: UInt32, _ step: UInt32) throws(RPCError) {
    guard (1...JournalRecord.taskIDBytesMax).contains(taskID.utf8.count), attempt > 0, step > 0
    else {
      throw RPCError(
        .invalidArgument, reason: "MissingField",
        message: "task_id (1 to \(JournalRecord.taskIDBytesMax) bytes), attempt and step (from 1) "
          + "must be set")
    }
    self.init(taskID: taskID, attempt: attempt, step: step)
  }
}

extension TaskContext {
  init(
    _ request: PluginV1.ExecuteRequest, _ configuration: PluginConfiguration, _ log: PluginLog
  ) throws(RPCError) {
    var intents: [Intent] = []
    for intent in request.intents { intents.append(try Intent(intent)) }
    self.init(
      StepKey(taskID: request.taskID, attempt: request.attempt, step: request.step), request.call,
      request.type, configuration, log)
    resource = ResourceReference(request.resource)
    target = request.target
    self.intents = intents
    isDryRun = request.dryRun
    phase = request.phase
  }

  init(_ request: PluginV1.RecoverRequest, _ configuration: PluginConfiguration, _ log: PluginLog) {
    self.init(
      StepKey(taskID: request.taskID, attempt: request.attempt, step: request.step), request.call,
      request.type, configuration, log)
    phase = request.phase
  }

  private init(
    _ key: StepKey, _ call: PluginV1.CallContext?, _ type: String,
    _ configuration: PluginConfiguration, _ log: PluginLog
  ) {
    let deadline = call?.deadlineUnixMS ?? 0
    let traceparent = call?.traceparent ?? ""
    var log = log.tagged([
      "task": .string(key.taskID), "attempt": .integer(Int64(key.attempt)), "type": .string(type),
    ])
    if !traceparent.isEmpty { log = log.tagged(["traceparent": .string(traceparent)]) }
    self.init(
      taskID: key.taskID, attempt: Int(key.attempt), step: Int(key.step),
      deadlineUnixMS: deadline == 0 ? nil : deadline, traceparent: traceparent,
      config: configuration.config, stateDirectory: configuration.stateDirectory, log: log,
      sleep: configuration.sleep)
  }
}
