internal import LinuxSystem
internal import PluginProto
internal import TTRPC

/// The connection to the plugin's process: made, introduced, listened to.
extension PluginRunner {
  /// How long a plugin may hold an Updates call that has nothing to tell.
  private static let updatesWait: Duration = .seconds(30)

  /// How much later than that the answer may come; then the plugin hangs.
  private static let updatesSlack: Duration = .seconds(10)

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
      manifest: manifest, paths: paths, host: surroundings.host, loop: loop, pid: process.pid,
      configures: configures, timeout: PluginLifecycle.startDeadline)
    do throws(IntroductionError) {
      let outcome = try await introduction.perform()
      guard self.process?.run == run else { return outcome.client.close() }
      let handle = PluginHandle(
        name: manifest.name, version: manifest.version, digest: executable.digest,
        pid: process.pid, description: outcome.description, targets: outcome.targets,
        grants: manifest.grants, client: outcome.client, inFlight: inFlight)
      self.handle = handle
      on(.introduced(run: run, at: now))
      guard machine.phase == .ready else {
        self.handle = nil
        return outcome.client.close()
      }
      loop.spawn { await self.watch(handle, run) }
    } catch {
      on(.introductionFailed(run: run, error.message, error.failure))
    }
  }

  /// Takes the plugin's news until the connection ends.
  private func watch(_ handle: PluginHandle, _ run: Int) async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.pollUpdates(handle.client) }
      await handle.client.waitUntilClosed()
      group.cancelAll()
    }
    if self.handle?.client === handle.client { self.handle = nil }
    on(.connectionLost(run: run, "its connection was lost"))
  }

  private func pollUpdates(_ client: Client) async {
    while true {
      let asked = now
      let reply: PluginV1.UpdatesReply
      do throws(RPCError) {
        reply = try await client.call(
          PluginV1.Plugin.updates,
          PluginV1.UpdatesRequest(
            call: callContext, cursor: updatesCursor,
            waitMS: UInt32(Self.updatesWait.components.seconds * 1000)),
          timeout: Self.updatesWait + Self.updatesSlack)
      } catch {
        // Without Updates the connection still serves; after any other error it is not trusted.
        if error.code != .unimplemented { client.close() }
        return
      }
      guard handle?.client === client else { return }
      take(reply)
      let isEmpty = !reply.reset && reply.tasks.isEmpty && reply.targets.isEmpty
      if isEmpty, now - asked < Self.updatesPause {
        do {
          try await loop.sleep(for: Self.updatesPause)
        } catch {
          return
        }
      }
    }
  }

  private func take(_ reply: PluginV1.UpdatesReply) {
    updatesCursor = reply.cursor
    if reply.reset { surroundings.onEvent(.updatesReset(plugin: manifest.name)) }
    for change in reply.targets {
      guard let target = change.target else { continue }
      handle?.replaceTarget(target)
    }
    if !reply.targets.isEmpty { publish() }
    for change in reply.targets {
      surroundings.onEvent(.target(change, plugin: manifest.name))
    }
    for update in reply.tasks { surroundings.onEvent(.task(update, plugin: manifest.name)) }
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
