internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import TTRPC

/// Whoever takes a connected plugin's news: the same for plugins that the host starts and for those
/// that others do.
protocol PluginListener: Actor {
  nonisolated var surroundings: PluginRunner.Surroundings { get }
  nonisolated var log: Log { get }
  nonisolated var meter: PluginMeter { get }
  /// The present connection; nil while there is none.
  var handle: PluginHandle? { get set }
  /// Where the next Updates call of the present process goes on.
  var updatesCursor: UInt64 { get set }
  /// What is wrong with the plugin by its own words; empty = nothing.
  var health: String { get set }
  var secrets: PluginSecrets { get }
  /// Shows what changed.
  func publish()
}

extension PluginListener {
  nonisolated var loop: EventLoop { surroundings.loop }

  nonisolated var callContext: PluginV1.CallContext {
    PluginV1.CallContext(hostEpoch: surroundings.host.epoch)
  }

  /// For the machines, which have no clock of their own.
  nonisolated var now: Duration {
    MonotonicTime.now().duration(since: MonotonicTime(nanoseconds: 0))
  }

  /// Takes the plugin's news until the connection ends.
  ///
  /// - Returns: why it ended, for people.
  func listen(to handle: PluginHandle) async -> String {
    let reason = await withTaskGroup(of: String?.self) { group in
      group.addTask { await self.pollUpdates(handle.client) }
      await handle.client.waitUntilClosed()
      group.cancelAll()
      return await group.next() ?? nil
    }
    if self.handle?.client === handle.client { self.handle = nil }
    return "its connection was lost" + (reason.map { " (\($0))" } ?? "")
  }

  /// - Returns: what went wrong; nil where the connection goes on without Updates, or was ended.
  private func pollUpdates(_ client: Client) async -> String? {
    let patience = surroundings.patience
    var rate = PluginNews.rate
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
      take(reply, isTooLong: count > PluginNews.itemsMax)
      let isEmpty = !reply.reset && count == 0
      var pause = rate.take(1 + count, at: now)
      if isEmpty, now - asked < PluginNews.pause { pause = max(pause, PluginNews.pause) }
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
        reply.status == .degraded ? "it is degraded: \(secrets.redact(reply.message))" : ""
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
    var reply = raw
    for index in reply.targets.indices {
      reply.targets[index].target?.message = secrets.redact(
        raw.targets[index].target?.message ?? "")
    }
    guard let name = handle?.name else { return }
    updatesCursor = reply.cursor
    if reply.reset || isTooLong { surroundings.fleet.tell(.updatesReset(plugin: name)) }
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
      surroundings.fleet.tell(.target(change, plugin: name))
    }
    for update in reply.tasks { surroundings.fleet.tell(.task(update, plugin: name)) }
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

/// Limits of what a plugin tells by Updates.
enum PluginNews {
  /// Changes in one answer to Updates; a longer answer is treated as `reset`.
  static let itemsMax = 1024

  /// Changes that a plugin may tell at once and in the long run; whoever tells more is asked later.
  static let rate = TokenBucket(burst: 4096, perSecond: 1024)

  /// The pause after an Updates call that was answered early and empty: a plugin that doesn't wait
  /// shall not make the host spin.
  static let pause: Duration = .seconds(1)
}
