internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

extension TaskAnswer {
  /// What of a plugin's answer may be kept and shown. Intents are not searched: what a plugin writes
  /// there it has to be able to read again.
  fileprivate func redacted(by secrets: PluginSecrets) -> TaskAnswer {
    switch self {
    case .complete(let outputs):
      return .complete(outputs: secrets.redact(outputs))
    case .running(let handle, let progress):
      return .running(
        handle,
        progress.map {
          TaskProgress(message: secrets.redact($0.message), percent: $0.percent)
        })
    case .failed(let error, let isTransient, let retryAfter):
      let shown = TaskError(
        reason: secrets.redact(error.reason), message: secrets.redact(error.message))
      return .failed(shown, isTransient: isTransient, retryAfter: retryAfter)
    case .wait, .callFailed, .noPlugin, .busy:
      return self
    }
  }
}

/// Delivers tasks to the plugins that serve their types.
struct PluginDispatcher: TaskDispatcher {
  /// Deadline of a call to a type that declares none.
  static let defaultTimeout = Duration.seconds(30)
  /// Of calls that only tell or ask.
  static let shortTimeout = Duration.seconds(5)

  let supervisor: PluginSupervisor
  let epoch: UInt64
  let time: any TimeSource
  let slots: CallSlots

  func prospect(ofType type: String, range: String) -> TaskProspect {
    switch supervisor.provider(ofType: type, range: range) {
    case .ready(let plugin):
      .provider(
        TaskProvider(
          plugin: plugin.id, digest: plugin.digest,
          revertMeans: plugin.description.taskTypes.first { $0.type == type }?.revertMeans))
    case .absent(let reason): .absent(reason)
    }
  }

  func execute(_ delivery: TaskDelivery) async -> (TaskAnswer, from: TaskProvider?) {
    let plugin: PluginHandle
    let type: PluginV1.TaskTypeDescription
    switch server(of: delivery.task) {
    case .absent(let reason): return (.noPlugin(message: reason), nil)
    case .found(let found, let description): (plugin, type) = (found, description)
    }
    let provider = TaskProvider(plugin: plugin.id, digest: plugin.digest)
    if let mismatch = mismatch(of: delivery, type, plugin) { return (mismatch, provider) }
    let full = slots.enter(
      plugin: plugin.id, type: type.type, typeLimit: Int(type.maxConcurrent),
      for: delivery.resource)
    if let full { return (.busy(message: full), nil) }
    defer { slots.leave(plugin: plugin.id, type: type.type) }
    let timeout = timeout(of: type)
    if Self.isValidated(delivery, type),
      let invalidity = await invalidity(of: delivery, type, plugin)
    {
      return (invalidity, provider)
    }
    let request = request(for: delivery, type, timeout)
    do {
      let method =
        delivery.task.reverts == nil ? PluginV1.Tasks.execute : PluginV1.Tasks.revert
      let reply = try await plugin.call(method, request, timeout: timeout)
      return (checked(TaskAnswer(reply), type, plugin, delivery), provider)
    } catch {
      return (.callFailed(CallFailure(error)), provider)
    }
  }

  /// What Execute is asked with.
  func request(
    for delivery: TaskDelivery, _ type: PluginV1.TaskTypeDescription, _ timeout: Duration
  ) -> PluginV1.ExecuteRequest {
    var request = PluginV1.ExecuteRequest()
    request.call = call(timeout)
    request.taskID = delivery.task.id
    request.attempt = UInt32(clamping: delivery.task.attempt)
    request.step = UInt32(clamping: delivery.task.step)
    request.type = delivery.task.type
    request.typeVersion = type.version
    request.params = delivery.params.field
    request.resource = PluginV1.ResourceRef(delivery.resource, uid: delivery.resourceUID)
    request.target = delivery.target
    request.phase = delivery.task.phase?.name ?? ""
    request.intents = delivery.intents.filter { type.intentKinds.contains($0.key.kind) }
      .map(\.message)
    return request
  }

  func recover(_ delivery: TaskDelivery) async -> RecoveryAnswer {
    let plugin: PluginHandle
    let type: PluginV1.TaskTypeDescription
    switch server(of: delivery.task) {
    case .absent(let reason): return .noPlugin(message: reason)
    case .found(let found, let description): (plugin, type) = (found, description)
    }
    var request = PluginV1.RecoverRequest()
    request.call = call(Self.shortTimeout)
    request.taskID = delivery.task.id
    request.attempt = UInt32(clamping: delivery.task.attempt)
    request.step = UInt32(clamping: delivery.task.step)
    request.type = delivery.task.type
    request.typeVersion = type.version
    request.params = delivery.params.field
    request.handle = delivery.task.handle?.bytes ?? []
    request.handleVersion = UInt32(clamping: delivery.task.handle?.version ?? 0)
    request.revert = delivery.task.reverts != nil
    request.phase = delivery.task.phase?.name ?? ""
    do {
      let reply = try await plugin.call(
        PluginV1.Tasks.recover, request, timeout: Self.shortTimeout)
      return recovered(reply, type, plugin, delivery)
    } catch {
      // A plugin without Recover can't tell; what then is for the type to say.
      if error.code == .unimplemented { return .unknown(isIdempotent: type.idempotent) }
      return .callFailed(CallFailure(error))
    }
  }

  func checked(_ answer: TaskAnswer, of delivery: TaskDelivery) -> TaskAnswer? {
    guard case .found(let plugin, let type) = server(of: delivery.task) else { return nil }
    return checked(answer, type, plugin, delivery)
  }

  func cancel(_ delivery: TaskDelivery) async -> Bool {
    guard case .found(let plugin, _) = server(of: delivery.task) else { return false }
    var request = PluginV1.CancelRequest()
    request.call = call(Self.shortTimeout)
    request.taskID = delivery.task.id
    request.attempt = UInt32(clamping: delivery.task.attempt)
    // Sent again by whoever waits for the end.
    _ = try? await plugin.call(PluginV1.Tasks.cancel, request, timeout: Self.shortTimeout)
    return true
  }

  func recoveryComplete(_ id: String) async -> Bool {
    guard case .ready(let plugin) = supervisor.version(id, digest: "") else { return false }
    var request = PluginV1.RecoveryCompleteRequest()
    request.call = call(Self.shortTimeout)
    do throws(RPCError) {
      _ = try await plugin.call(
        PluginV1.Tasks.recoveryComplete, request, timeout: Self.shortTimeout)
      return true
    } catch {
      return error.code == .unimplemented
    }
  }

  func forget(_ taskIDs: [String], types: Set<String>) async {
    for plugin in supervisor.offering(types) {
      var request = PluginV1.ForgetRequest()
      request.call = call(Self.shortTimeout)
      request.taskIDs = taskIDs
      _ = try? await plugin.call(PluginV1.Tasks.forget, request, timeout: Self.shortTimeout)
    }
  }

  enum Server {
    case found(PluginHandle, PluginV1.TaskTypeDescription)
    case absent(String)
  }

  /// The version that the task names, and no other; a task that is only rehearsed names none.
  func server(of task: PlannedTask) -> Server {
    let prospect =
      task.plugin.isEmpty
      ? supervisor.provider(ofType: task.type, range: task.versionRange)
      : supervisor.version(task.plugin, digest: task.pluginDigest)
    switch prospect {
    case .absent(let reason):
      return .absent(reason)
    case .ready(let plugin):
      guard let type = plugin.description.taskTypes.first(where: { $0.type == task.type }) else {
        return .absent("\(task.plugin) does not serve \(task.type) any more")
      }
      return .found(plugin, type)
    }
  }

  func timeout(of type: PluginV1.TaskTypeDescription) -> Duration {
    type.timeoutMS == 0 ? Self.defaultTimeout : .milliseconds(type.timeoutMS)
  }

  func call(_ timeout: Duration) -> PluginV1.CallContext {
    var context = PluginV1.CallContext()
    context.hostEpoch = epoch
    context.deadlineUnixMS =
      time.now().milliseconds + timeout.components.seconds * 1000
      + timeout.components.attoseconds / 1_000_000_000_000_000
    return context
  }

  /// The answer that takes the place of Execute's where params are not what the type's schema says.
  func mismatch(
    of delivery: TaskDelivery, _ type: PluginV1.TaskTypeDescription, _ plugin: PluginHandle
  ) -> TaskAnswer? {
    let problems = plugin.schemas[type.type]?.params?.validate(delivery.params) ?? []
    return problems.isEmpty ? nil : refuse("InvalidParams", problems, of: delivery)
  }

  private func refuse(_ reason: String, _ problems: [SchemaProblem], of delivery: TaskDelivery)
    -> TaskAnswer
  {
    .failed(
      TaskError(
        reason: reason,
        message: "\(delivery.task.type): " + problems.map(\.description).joined(separator: "; ")),
      isTransient: false, retryAfter: nil)
  }

  /// Holds a reply against what the type declares and what plugin.yaml grants.
  func checked(
    _ raw: TaskAnswer, _ type: PluginV1.TaskTypeDescription, _ plugin: PluginHandle,
    _ delivery: TaskDelivery
  ) -> TaskAnswer {
    let answer = raw.redacted(by: plugin.secrets)
    switch answer {
    case .complete(let outputs):
      let problems = plugin.schemas[type.type]?.outputs?.validate(outputs) ?? []
      return problems.isEmpty ? answer : refuse("InvalidOutputs", problems, of: delivery)
    case .wait(let wish):
      for key in wish.keys where !plugin.grants.allow(kind: key.kind, target: key.target) {
        return .failed(
          TaskError(
            reason: "GrantMissing",
            message: "plugin \(plugin.name) may not change \(key): its plugin.yaml grants "
              + "intents [\(plugin.grants.intents.joined(separator: ", "))] on targets "
              + "[\(plugin.grants.targets.joined(separator: ", "))]"), isTransient: false,
          retryAfter: nil)
      }
      return answer
    case .running, .failed, .callFailed, .noPlugin, .busy:
      return answer
    }
  }

  private func recovered(
    _ reply: PluginV1.RecoverReply, _ type: PluginV1.TaskTypeDescription, _ plugin: PluginHandle,
    _ delivery: TaskDelivery
  ) -> RecoveryAnswer {
    switch reply.state {
    case .notStarted:
      return .notStarted
    case .unknown, .unrecognized:
      return .unknown(isIdempotent: type.idempotent)
    case .running:
      guard let running = reply.reply,
        case .running(let handle, let progress) = TaskAnswer(running).redacted(by: plugin.secrets)
      else { return .running(nil, nil) }
      return .running(handle, progress)
    case .finished:
      guard let finished = reply.reply else { return .unknown(isIdempotent: type.idempotent) }
      return .finished(checked(TaskAnswer(finished), type, plugin, delivery))
    }
  }
}
