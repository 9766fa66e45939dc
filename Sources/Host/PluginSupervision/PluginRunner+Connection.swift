internal import Diagnostics
internal import JSON
internal import LinuxSystem
internal import Model
internal import PluginProto
internal import TTRPC

/// The connection to the plugin's process: made, introduced, listened to.
extension PluginRunner {
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
      socket: paths.socket, process: process.pid, promised: (manifest.name, manifest.version),
      host: surroundings.host, loop: loop, timeout: PluginLifecycle.startDeadline,
      configuration: { _, description async throws(IntroductionError) in
        try await self.configuration(run, description, isFirst: configures)
      })
    do throws(IntroductionError) {
      let outcome = try await introduction.perform()
      guard self.process?.run == run else { return outcome.client.close() }
      let handle = PluginHandle(
        name: manifest.name, version: manifest.version, place: manifest.place,
        digest: executable.digest,
        pid: process.pid, description: outcome.description,
        schemas: TaskTypeSchemas.all(of: outcome.description), targets: outcome.targets,
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
  private func configuration(_ run: Int, _ description: PluginV1.DescribeReply, isFirst: Bool)
    async throws(IntroductionError) -> PluginV1.ConfigureRequest?
  {
    self.description = PluginFleet.PluginDescription(description)
    guard isFirst else { return nil }
    let isDriver = description.driver != nil
    if isDriver, await !awaitTurn(run) {
      throw IntroductionError("it was ended before its turn came", .noConnection)
    }
    return PluginV1.ConfigureRequest(
      call: callContext, config: JSONValue.object(config.config).serialized(),
      stateDirectory: isDriver ? paths.driverDirectory : paths.ownDirectory)
  }

  private func awaitTurn(_ run: Int) async -> Bool {
    guard process?.run == run else { return false }
    return await withCheckedContinuation { turn in
      self.turn = turn
      on(.waiting(run: run))
      if !machine.isWaiting { takeTurn(false) }
    }
  }

  private func watch(_ handle: PluginHandle, _ run: Int) async {
    on(.connectionLost(run: run, await listen(to: handle), at: now))
  }
}

extension PluginFleet.PluginDescription {
  /// A type whose version is none counts as 0.0.0: it is served, and no range accepts it.
  init(_ description: PluginV1.DescribeReply) {
    isDriver = description.driver != nil
    types = [:]
    for type in description.taskTypes {
      types[type.type] = SemanticVersion(type.version) ?? SemanticVersion(0, 0, 0)
    }
  }
}
