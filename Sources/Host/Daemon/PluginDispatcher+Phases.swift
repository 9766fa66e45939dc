internal import Execution
internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// Phases, and undoing them.
extension PluginDispatcher {
  func expand(_ run: TaskRun, of resource: Resource) async -> TaskExpansion {
    let plugin: PluginHandle
    switch supervisor.provider(ofType: run.type, range: "") {
    case .absent(let reason): return .absent(reason)
    case .ready(let ready): plugin = ready
    }
    guard let type = plugin.description.taskTypes.first(where: { $0.type == run.type }) else {
      return .absent("\(plugin.id) does not serve \(run.type) any more")
    }
    let problems = plugin.schemas[type.type]?.params?.validate(run.params) ?? []
    guard problems.isEmpty else {
      return .failed(
        TaskError(
          reason: "InvalidParams",
          message: "\(run.type): " + problems.map(\.description).joined(separator: "; ")))
    }
    guard type.capabilities.contains("expand") else {
      let phase = TaskPhase(name: "", isRevertible: type.revertMeans != .nobody)
      return .phases([phase], revertedBy: type.revertMeans)
    }
    var request = PluginV1.ExpandRequest()
    request.call = call(Self.shortTimeout)
    request.type = run.type
    request.typeVersion = type.version
    request.params = run.params.field
    request.resource = PluginV1.ResourceRef(resource.key, uid: resource.metadata.uid)
    do {
      let reply = try await plugin.call(
        PluginV1.Tasks.expand, request, timeout: Self.shortTimeout)
      return expansion(reply, of: run, type)
    } catch {
      return expansion(CallFailure(error))
    }
  }

  private func expansion(
    _ reply: PluginV1.ExpandReply, of run: TaskRun, _ type: PluginV1.TaskTypeDescription
  ) -> TaskExpansion {
    var phases: [TaskPhase] = []
    for phase in reply.phases {
      var adds: [IntentKey] = []
      for add in phase.adds {
        var named = add
        if named.target.isEmpty { named.target = run.target }
        guard let key = try? IntentKey(named) else {
          return .failed(
            TaskError(
              reason: "InvalidPhases",
              message: "phase \(phase.name) adds an intent without target, kind or key"))
        }
        adds.append(key)
      }
      phases.append(
        TaskPhase(
          name: phase.name, isRevertible: phase.revertible && type.revertMeans != .nobody,
          exclusiveKeys: phase.exclusiveKeys, isPointOfNoReturn: phase.pointOfNoReturn, adds: adds))
    }
    return .phases(phases, revertedBy: type.revertMeans)
  }

  /// Asking for phases does nothing, so whatever was lost is asked again; a refusal counts.
  private func expansion(_ failure: CallFailure) -> TaskExpansion {
    switch Disposition(of: .callFailed(failure)) {
    case .fail(let error): .failed(error)
    default: .lost(failure.taskError)
    }
  }

  func intentKinds(of task: PlannedTask) -> Set<String> {
    guard case .found(_, let type) = server(of: task) else { return [] }
    return Set(type.intentKinds)
  }
}

extension PluginV1.TaskTypeDescription {
  /// Who can undo what the type does.
  var revertMeans: RevertMeans {
    if acts == .throughIntents { return .host }
    return capabilities.contains("revert") ? .plugin : .nobody
  }
}
