import JSON
import PluginProto
import TTRPC

/// Answers `mortise.plugin.v1.Drivers` for the plugin's driver.
struct DriverService: Sendable {
  let driver: any Driver

  var description: PluginV1.DriverDescription {
    PluginV1.DriverDescription(
      kinds: driver.kinds.map { kind in
        PluginV1.IntentKindDescription(
          kind: kind.kind, band: UInt32(clamping: kind.band),
          specSchema: kind.specSchema.serialized())
      })
  }

  func apply(_ request: PluginV1.DriverRequest) async throws(RPCError) -> PluginV1.DriverReply {
    let intent = try intent(request)
    return await Self.reply { () async throws(DriverFailure) in try await driver.apply(intent) }
  }

  func remove(_ request: PluginV1.DriverRequest) async throws(RPCError) -> PluginV1.DriverReply {
    let intent = try intent(request)
    return await Self.reply { () async throws(DriverFailure) in try await driver.remove(intent) }
  }

  private func intent(_ request: PluginV1.DriverRequest) throws(RPCError) -> Intent {
    let intent = try Intent(request.intent)
    try check(intent.key)
    return intent
  }

  func check(_ key: IntentKey) throws(RPCError) {
    guard driver.kinds.contains(where: { $0.kind == key.kind }) else {
      throw RPCError(
        .invalidArgument, reason: "UnknownIntentKind",
        message: "this driver converges no intents of kind \"\(key.kind)\"")
    }
  }

  private static func reply(
    _ body: () async throws(DriverFailure) -> JSONValue
  ) async -> PluginV1.DriverReply {
    do throws(DriverFailure) {
      return PluginV1.DriverReply(result: .done, observed: try await body().serialized())
    } catch {
      return PluginV1.DriverReply(
        result: error.isRecoverable ? .failedRecoverable : .failedFinal, reason: error.reason,
        message: error.message)
    }
  }

  func verify(_ request: PluginV1.VerifyRequest) async throws(RPCError) -> PluginV1.VerifyReply {
    var intents: [Intent] = []
    for wire in request.intents {
      let intent = try Intent(wire)
      try check(intent.key)
      intents.append(intent)
    }
    let target = try await checkTarget(request.target)
    // What can't be reached can't be verified: no answer is truer than an old one.
    if !target.isReachable { return PluginV1.VerifyReply(target: target.wire) }
    let verifications: [Verification]
    do throws(DriverFailure) {
      verifications = try await driver.verify(target: request.target, intents)
    } catch {
      throw RPCError(.unavailable, reason: error.reason, message: error.message)
    }
    guard verifications.count == intents.count else {
      throw RPCError(
        .internal, reason: "InvalidVerification",
        message: "the driver answered \(verifications.count) verifications for \(intents.count) "
          + "intents")
    }
    return PluginV1.VerifyReply(
      target: target.wire,
      verifications: zip(intents, verifications).map { intent, verification in
        PluginV1.Verification(
          id: intent.key.wire, presence: verification.presence.wire,
          observed: verification.observed?.serialized() ?? [])
      })
  }

  func capacity(_ request: PluginV1.CapacityRequest) async throws(RPCError)
    -> PluginV1.CapacityReply
  {
    guard let driver = driver as? any CapacityDriver else {
      throw RPCError.notOffered("Drivers.Capacity")
    }
    try await checkTarget(request.target)
    do throws(DriverFailure) {
      return PluginV1.CapacityReply(
        kinds: try await driver.capacity(of: request.target).map {
          PluginV1.KindCapacity(kind: $0.kind, total: $0.total, used: $0.used)
        })
    } catch {
      throw RPCError(.unavailable, reason: error.reason, message: error.message)
    }
  }

  @discardableResult
  private func checkTarget(_ name: String) async throws(RPCError) -> TargetState {
    guard let target = await driver.targets().first(where: { $0.name == name }) else {
      throw RPCError(
        .notFound, reason: "UnknownTarget", message: "this driver serves no target \"\(name)\"")
    }
    return target
  }

  func targets() async -> PluginV1.TargetsReply {
    PluginV1.TargetsReply(targets: await driver.targets().map(\.wire))
  }
}

extension Verification.Presence {
  var wire: PluginV1.Presence {
    switch self {
    case .matches: .matches
    case .drifted: .drifted
    case .absent: .absent
    }
  }
}

extension TargetState {
  var wire: PluginV1.TargetState {
    PluginV1.TargetState(
      name: name, reachable: isReachable, message: message, removed: isRemoved)
  }
}
