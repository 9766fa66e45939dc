internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import PluginSupervision
internal import Rollout
internal import TTRPC

/// Answers `mortise.host.v1.Host`: what the command line and scripts call.
///
/// Methods that this version does not offer are not registered, so the router answers UNIMPLEMENTED.
struct HostService: Sendable {
  let environment: EngineEnvironment
  let catalog: BlueprintCatalog
  let admission: Admission
  let supervisor: PluginSupervisor
  let book: IntentBook
  let previewer: Previewer
  let stopBell: StopBell
  let holds: HoldBook
  let processLogs: any ProcessLogPort
  let logReaders = LogReaders()
  let startedAt = Timestamp(milliseconds: WallTime.nowUnixMS())
  let wake: @Sendable (ObjectKey) -> Void
  /// Told when an operator's order changed which tasks may go on.
  let choiceChanged: @Sendable () -> Void
  /// What is known of a rollout's children; nil before its first pass.
  let rollout: @Sendable (ObjectKey) async -> (ChildBoard, FollowedRollout.Identity)?

  var router: Router {
    var router = Router()
    router.handle(HostV1.Host.apply) { request, _ in
      try await refusing { () async throws(StoreError) in
        try await admission.apply(request.manifests, isDryRun: request.dryRun)
      }
    }
    router.handle(HostV1.Host.get) { request, _ in try await get(request) }
    router.handle(HostV1.Host.list) { request, _ in try await list(request) }
    router.stream(HostV1.Host.watch) { request, _, writer in
      try await untilStop { try await watch(request, to: writer) }
    }
    router.handle(HostV1.Host.delete) { request, _ in try await delete(request) }
    router.handle(HostV1.Host.pause) { request, _ in try await setPaused(true, request) }
    router.handle(HostV1.Host.resume) { request, _ in try await setPaused(false, request) }
    router.handle(HostV1.Host.cancel) { request, _ in try await cancel(request) }
    router.handle(HostV1.Host.runTask) { request, _ in try await runTask(request) }
    router.handle(HostV1.Host.replan) { request, _ in try await replan(request) }
    router.handle(HostV1.Host.controlRollout) { request, _ in
      try await controlRollout(request)
    }
    router.handle(HostV1.Host.plan) { request, _ in try await plan(request) }
    router.handle(HostV1.Host.why) { request, _ in try await why(request) }
    router.handle(HostV1.Host.plugins) { _, _ in plugins() }
    router.handle(HostV1.Host.describePlugin) { request, _ in try await describePlugin(request) }
    router.handle(HostV1.Host.controlPlugin) { request, _ in try await controlPlugin(request) }
    router.handle(HostV1.Host.park) { request, _ in try await park(request) }
    router.handle(HostV1.Host.holds) { _, _ in heldNow() }
    router.stream(HostV1.Host.logs) { request, _, writer in
      try await untilStop { try await logs(request, to: writer) }
    }
    router.handle(HostV1.Host.version) { _, _ in
      HostV1.VersionReply(version: HostVersion.current, startedUnixMS: startedAt.milliseconds)
    }
    return router
  }

  /// Answers a stream that its caller may follow for as long as it likes.
  ///
  /// - Throws: UNAVAILABLE when the host stops: the caller connects again, to the next one.
  func untilStop(_ stream: @escaping @Sendable () async throws -> Void) async throws {
    guard try await stopBell.whileSilent(stream) else {
      throw RPCError(.unavailable, reason: "HostStopping", message: "the host is stopping")
    }
  }

  private func get(_ request: HostV1.GetRequest) async throws -> HostV1.GetReply {
    let key = try key(request.name)
    let stored = try await refusing { () async throws(StoreError) in
      try await environment.store.get(key)
    }
    guard let stored else { throw notFound(key) }
    var reply = HostV1.GetReply()
    reply.object = VisibleObject(stored).document
    return reply
  }
}
