internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// Whose log a client means, and where it is.
extension HostService {
  func logs(_ request: HostV1.LogsRequest, to writer: ResponseWriter<HostV1.LogChunk>) async throws
  {
    let stream = LogStream(
      request: request, loop: environment.loop, port: processLogs, readers: logReaders,
      writer: writer)
    let chosen = [request.plugin, request.task, request.process].filter { !$0.isEmpty }
    guard chosen.count <= 1, request.plugin.isEmpty || request.name == nil else {
      throw RPCError(
        .invalidArgument, reason: "SeveralLogs",
        message: "a plugin, a task or a process: one log at a time")
    }
    if !request.plugin.isEmpty {
      try await stream.send(files(ofPlugin: request.plugin), containing: "")
      return
    }
    let resource = try await resource(request.name)
    if !request.task.isEmpty {
      let task = try task(request.task, of: resource)
      let files = supervisor.logPaths(ofVersion: task.plugin).map {
        LogStream.File(source: "", path: $0)
      }
      try await stream.send(files, containing: task.id)
      return
    }
    let processes = try await processes(of: resource, matching: request.process)
    try await stream.send(processes) {
      try await self.processes(of: resource, matching: request.process)
    }
  }

  private func resource(_ name: HostV1.ObjectName?) async throws -> Resource {
    let key = try key(name)
    let stored = try await refusing { () async throws(StoreError) in
      try await environment.store.get(key)
    }
    guard let stored else { throw notFound(key) }
    return try await refusing { () async throws(StoreError) in try admission.decode(stored) }
  }

  /// Of all versions of it, or of the one that is named.
  private func files(ofPlugin name: String) throws -> [LogStream.File] {
    do throws(PluginSupervisor.Refusal) {
      let versions = try supervisor.find(name)
      return versions.map { version in
        LogStream.File(
          source: versions.count > 1 ? version.place : "", path: supervisor.logPath(of: version))
      }
    } catch {
      throw RPCError(.failedPrecondition, reason: "UnknownPlugin", message: error.message)
    }
  }

  /// The task of the plan in flight, or of the last one.
  private func task(_ text: String, of resource: Resource) throws(RPCError) -> TaskRecord {
    let status = resource.status
    let present = (status.plan?.tasks ?? []) + (status.forward?.tasks ?? [])
    if let planned = present.first(where: { $0.name == text || $0.type == text }) {
      if let record = TaskRecord(planned) { return record }
      throw RPCError(
        .failedPrecondition, reason: "TaskNotBegun",
        message: "task \(planned.name) has not begun, so nothing was logged for it; see: "
          + "mortise why \(resource.key.arguments)")
    }
    if let record = status.history.first?.tasks.first(where: { $0.isMeant(by: text) }) {
      return record
    }
    let names =
      present.map(\.name) + (status.history.first?.tasks ?? []).map(\.name)
    let known = names.isEmpty ? "none has begun" : "there is \(names.joined(separator: ", "))"
    throw RPCError(
      .failedPrecondition, reason: "UnknownTask",
      message: "neither the plan of \(resource.key) nor its last one has begun a task \"\(text)\"; "
        + known)
  }

  /// The processes of the resource's intents that leave logs.
  ///
  /// - Parameter text: "POD/CONTAINER" or a part between the slashes; empty = all.
  private func processes(of resource: Resource, matching text: String) async throws
    -> [LogStream.Process]
  {
    var all: [LogStream.Process] = []
    var absence: RPCError?
    for intent in await book.owned(byUID: resource.metadata.uid) {
      do throws(RPCError) {
        let reply = try await processLogs.readLog(
          PluginV1.ReadLogRequest(id: intent.key.message))
        all += reply.processes.map { LogStream.Process(intent: intent.key, name: $0) }
      } catch {
        if error.code != .unimplemented { absence = error }
      }
    }
    let meant = text.isEmpty ? all : Self.meant(text, among: all)
    if !text.isEmpty, meant.count > 1 {
      throw RPCError(
        .invalidArgument, reason: "SeveralProcesses",
        message: "\"\(text)\" may be any of \(names(meant)); say more of the name")
    }
    guard meant.isEmpty else { return meant }
    if let absence {
      throw RPCError(
        .failedPrecondition, reason: absence.reason,
        message: "the processes of \(resource.key) can't be told: \(absence.message)")
    }
    throw RPCError(
      .failedPrecondition, reason: "NoSuchProcess",
      message: all.isEmpty
        ? "\(resource.key) has no processes whose log is kept; its tasks' is: --task TASK"
        : "\(resource.key) has no process \"\(text)\"; it has \(names(all))")
  }

  private static func meant(_ text: String, among all: [LogStream.Process]) -> [LogStream.Process] {
    if let exact = all.first(where: { $0.name == text }) { return [exact] }
    return all.filter { $0.name.split(separator: "/").contains { $0 == text } }
  }

  private func names(_ processes: [LogStream.Process]) -> String {
    processes.map(\.name).joined(separator: ", ")
  }
}
