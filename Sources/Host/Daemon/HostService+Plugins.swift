internal import JSON
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import TTRPC

/// What operators see of plugins and order of them.
extension HostService {
  func plugins() -> HostV1.PluginsReply {
    HostV1.PluginsReply(plugins: supervisor.snapshot().map(\.status))
  }

  func describePlugin(_ request: HostV1.DescribePluginRequest) async throws
    -> HostV1.DescribePluginReply
  {
    let found = try refusing { () throws(PluginSupervisor.Refusal) in
      try supervisor.find(request.plugin)
    }
    var reply = HostV1.DescribePluginReply()
    for snapshot in found {
      reply.plugins.append(snapshot.status)
      reply.details.append(await supervisor.details(of: snapshot.place).serialized())
    }
    return reply
  }

  func controlPlugin(_ request: HostV1.ControlPluginRequest) async throws -> HostV1.PluginsReply {
    let name = request.plugin
    guard !name.isEmpty else {
      throw RPCError(.invalidArgument, reason: "NameMissing", message: "say which plugin")
    }
    do {
      switch request.action {
      case .restart: try await supervisor.restart(name)
      case .reset: try await supervisor.reset(name)
      case .drain: try await order(.drain, name, request.note)
      case .disable: try await order(.disable, name, request.note)
      case .enable: try await enable(name)
      case .attach:
        return HostV1.PluginsReply(plugins: [try await attach(name, request.note).status])
      case .detach: try await detach(name)
      case .unspecified, .unrecognized:
        throw RPCError(
          .unimplemented, reason: "UnknownAction",
          message: "action \(request.action.rawValue) is unknown to this host")
      }
    } catch let error as PluginSupervisor.Refusal {
      throw refusal(error)
    } catch let error as StoreError {
      throw refusal(error)
    }
    return HostV1.PluginsReply(
      plugins: supervisor.snapshot().filter { $0.isMeant(by: name) }.map(\.status))
  }

  private func order(_ action: Hold.Action, _ name: String, _ note: String) async throws {
    _ = try supervisor.find(name)
    try await holds.set(
      Hold(
        action, .plugin, subject: name, note: note, since: environment.time.now(),
        uid: environment.ids.next()))
    supervisor.setHolds(holds.ofPlugins)
    choiceChanged()
  }

  private func attach(_ path: String, _ note: String) async throws -> PluginSnapshot {
    let plugin = try await supervisor.attach(path)
    try await holds.set(
      Hold(
        .attach, .plugin, subject: path, note: note, since: environment.time.now(),
        uid: environment.ids.next()))
    return plugin
  }

  private func detach(_ name: String) async throws {
    let path = try await supervisor.detach(name)
    let key = Hold(
      .attach, .plugin, subject: path, since: environment.time.now(), uid: ""
    ).objectKey
    _ = try await holds.lift(key)
  }

  /// What was ordered of the plugin as a whole is undone with what was ordered of its versions.
  private func enable(_ name: String) async throws {
    let orders = holds.all.filter { hold in
      hold.scope == .plugin && (hold.action == .drain || hold.action == .disable)
        && (hold.subject == name || hold.subject.hasPrefix(name + "@"))
    }
    guard !orders.isEmpty else {
      throw PluginSupervisor.Refusal(
        message: "\(name) is neither drained nor disabled; mortise holds lists what is")
    }
    for hold in orders { _ = try await holds.lift(hold.objectKey) }
    supervisor.setHolds(holds.ofPlugins)
    choiceChanged()
  }

  func park(_ request: HostV1.ParkRequest) async throws -> HostV1.HoldsReply {
    let (scope, subject) = try subject(of: request)
    let hold = Hold(
      .park, scope, subject: subject, note: request.note, since: environment.time.now(),
      uid: environment.ids.next())
    try await refusing { () async throws(StoreError) in
      if request.held {
        try await holds.set(hold)
      } else if try await !holds.lift(hold.objectKey) {
        throw .notFound(hold.objectKey)
      }
    }
    choiceChanged()
    return heldNow()
  }

  func heldNow() -> HostV1.HoldsReply {
    HostV1.HoldsReply(
      holds: holds.all.map { hold in
        HostV1.HoldStatus(
          action: hold.action.rawValue, scope: HostV1.HoldScope(hold.scope), subject: hold.subject,
          note: hold.note, sinceUnixMS: hold.since.milliseconds)
      })
  }

  private func subject(of request: HostV1.ParkRequest) throws -> (Hold.Scope, String) {
    switch request.scope {
    case .all: return (.all, "")
    case .plugin: return (.plugin, try given(request.subject, "plugin"))
    case .taskType: return (.taskType, try given(request.subject, "task type"))
    case .task:
      let task = try given(request.subject, "task")
      return (.task, Hold.subject(of: task, in: try key(request.resource)))
    case .unspecified, .unrecognized:
      throw RPCError(
        .invalidArgument, reason: "ScopeMissing",
        message: "say what is held: all, a plugin, a task type or a task")
    }
  }

  private func given(_ subject: String, _ what: String) throws(RPCError) -> String {
    guard subject.isEmpty else { return subject }
    throw RPCError(.invalidArgument, reason: "NameMissing", message: "say which \(what)")
  }

  private func refusing<Value>(_ body: () throws(PluginSupervisor.Refusal) -> Value) throws
    -> Value
  {
    do {
      return try body()
    } catch {
      throw refusal(error)
    }
  }

  private func refusal(_ error: PluginSupervisor.Refusal) -> RPCError {
    RPCError(.failedPrecondition, reason: "PluginRefused", message: error.message)
  }
}

extension HostV1.HoldScope {
  init(_ scope: Hold.Scope) {
    switch scope {
    case .all: self = .all
    case .plugin: self = .plugin
    case .taskType: self = .taskType
    case .task: self = .task
    }
  }
}

extension PluginSnapshot {
  var status: HostV1.PluginStatus {
    var status = HostV1.PluginStatus()
    status.name = name
    status.version = version
    status.place = place
    status.digest = digest
    status.state = phase.rawValue
    status.pid = UInt32(clamping: pid)
    status.startedUnixMS = startedUnixMS
    status.restarts = UInt32(clamping: restarts)
    status.inFlight = UInt32(clamping: inFlight)
    status.taskTypes = taskTypes
    status.intentKinds = intentKinds
    status.message = message
    status.references = UInt32(clamping: references)
    status.serving = isServing
    status.hold = hold?.rawValue ?? ""
    status.calls = calls
    status.p50Us = medianMicroseconds
    status.p99Us = slowMicroseconds
    return status
  }
}
