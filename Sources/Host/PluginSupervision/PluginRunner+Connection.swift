internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import TTRPC

/// The connection to the plugin's process: made, introduced, listened to.
extension PluginRunner {
  /// Changes in one answer to Updates; a longer answer is treated as `reset`.
  static let updatesItemsMax = 1024

  /// Changes that a plugin may tell at once and in the long run; whoever tells more is asked later.
  static let updatesRate = TokenBucket(burst: 4096, perSecond: 1024)

  /// The pause after an Updates call that was answered early and empty: a plugin that doesn't wait
  /// shall not make the host spin.
  private static let updatesPause: Duration = .seconds(1)

  var callContext: PluginV1.CallContext {
    PluginV1.CallContext(hostEpoch: surroundings.host.epoch)
  }

  func introduce(_ run: Int, configures: Bool, after pause: Duration) async {
    if pause > .zero {
      do {
        try await loop.sleep(for: pause)
      } catch {
        return
      }
    }
    guard let process, process.run == run, let executable else { return }
    let introduction = PluginIntroduction(
      manifest: manifest, config: config.config, paths: paths, host: surroundings.host, loop: loop,
      pid: process.pid, configures: configures, timeout: PluginLifecycle.startDeadline,
      turn: { await self.awaitTurn(run, $0, isFirst: configures) })
    do throws(IntroductionError) {
      let outcome = try await introduction.perform()
      guard self.process?.run == run else { return outcome.client.close() }
      let handle = PluginHandle(
        name: manifest.name, version: manifest.version, place: manifest.place,
        digest: executable.digest,
        pid: process.pid, description: outcome.description, targets: outcome.targets,
        grants: manifest.grants, features: outcome.features, secrets: config.secrets,
        client: outcome.client, meter: meter)
      self.handle = handle
      on(.introduced(run: run, at: now))
      guard machine.phase == .ready else {
        self.handle = nil
        return outcome.client.close()
      }
      loop.spawn { await self.watch(handle, run) }
    } catch {
      on(.introductionFailed(run: run, config.secrets.redact(error.message), error.failure))
    }
  }

  /// A driver is configured when no other version of it is: they share what they have made.
  private func awaitTurn(_ run: Int, _ description: PluginV1.DescribeReply, isFirst: Bool) async
    -> Bool
  {
    self.description = PluginFleet.PluginDescription(description)
    guard isFirst, description.driver != nil else { return true }
    guard process?.run == run else { return false }
    return await withCheckedContinuation { turn in
      self.turn = turn
      on(.waiting(run: run))
      if !machine.isWaiting { takeTurn(false) }
    }
  }

  /// Takes the plugin's news until the connection ends.
  private func watch(_ handle: PluginHandle, _ run: Int) async {
    let reason = await withTaskGroup(of: String?.self) { group in
      group.addTask { await self.pollUpdates(handle.client) }
      await handle.client.waitUntilClosed()
      group.cancelAll()
      return await group.next() ?? nil
    }
    if self.handle?.client === handle.client { self.handle = nil }
    let cause = reason.map { " (\($0))" } ?? ""
    on(.connectionLost(run: run, "its connection was lost\(cause)", at: now))
  }

  /// - Returns: what went wrong; nil where the connection goes on without Updates, or was ended.
  private func pollUpdates(_ client: Client) async -> String? {
    let patience = surroundings.patience
    var rate = Self.updatesRate
    var isServing = await isServing(client)
    while isServing {
      let asked = now
      let reply: PluginV1.UpdatesReply
      do throws(RPCError) {
        reply = try await client.call(
          PluginV1.Plugin.updates,
          PluginV1.UpdatesRequest(
            call: callContext, cursor: updatesCursor,
            waitMS: UInt32(clamping: patience.updatesWait.wholeNanoseconds / 1_000_000)),
          timeout: patience.updatesWait + patience.updatesSlack)
      } catch {
        // Without Updates the connection still serves; after any other error it is not trusted.
        if error.code == .unimplemented { return nil }
        client.close()
        return "Updates: \(error.message)"
      }
      guard handle?.client === client else { return nil }
      let count = reply.tasks.count + reply.targets.count
      take(reply, isTooLong: count > Self.updatesItemsMax)
      let isEmpty = !reply.reset && count == 0
      var pause = rate.take(1 + count, at: now)
      if isEmpty, now - asked < Self.updatesPause { pause = max(pause, Self.updatesPause) }
      if pause > .zero {
        do {
          try await loop.sleep(for: pause)
        } catch {
          return nil
        }
      }
      if isEmpty { isServing = await self.isServing(client) }
    }
    return "Health: no answer"
  }

  /// Asks how the plugin is, and shows it; a plugin without Health is well.
  ///
  /// - Returns: false where the answer did not come; then the connection is closed.
  private func isServing(_ client: Client) async -> Bool {
    do throws(RPCError) {
      let reply = try await client.call(
        PluginV1.Plugin.health, PluginV1.HealthRequest(call: callContext),
        timeout: surroundings.patience.health)
      health =
        reply.status == .degraded ? "it is degraded: \(config.secrets.redact(reply.message))" : ""
    } catch {
      guard error.code == .unimplemented else {
        client.close()
        return false
      }
      health = ""
    }
    publish()
    return true
  }

  private func take(_ raw: PluginV1.UpdatesReply, isTooLong: Bool) {
    let secrets = config.secrets
    var reply = raw
    for index in reply.targets.indices {
      reply.targets[index].target?.message = secrets.redact(
        raw.targets[index].target?.message ?? "")
    }
    updatesCursor = reply.cursor
    if reply.reset || isTooLong { surroundings.fleet.tell(.updatesReset(plugin: manifest.name)) }
    guard !isTooLong else {
      log.warning(
        "plugin told too much at once; everything of it is looked at anew",
        ["changes": .integer(Int64(reply.tasks.count + reply.targets.count))])
      return
    }
    for change in reply.targets {
      guard let target = change.target else { continue }
      handle?.replaceTarget(target)
    }
    if !reply.targets.isEmpty { publish() }
    for change in reply.targets {
      surroundings.fleet.tell(.target(change, plugin: manifest.name))
    }
    for update in reply.tasks { surroundings.fleet.tell(.task(update, plugin: manifest.name)) }
  }
}

extension PluginHandle {
  /// Takes note of what the driver says of a target, known or new.
  fileprivate mutating func replaceTarget(_ target: PluginV1.TargetState) {
    if let index = targets.firstIndex(where: { $0.name == target.name }) {
      targets[index] = target
    } else {
      targets.append(target)
    }
  }
}

extension PluginFleet.PluginDescription {
  /// A type whose version is none counts as 0.0.0: it is served, and no range accepts it.
  fileprivate init(_ description: PluginV1.DescribeReply) {
    isDriver = description.driver != nil
    types = [:]
    for type in description.taskTypes {
      types[type.type] = SemanticVersion(type.version) ?? SemanticVersion(0, 0, 0)
    }
  }
}
