internal import Convergence
internal import Model

/// The host target's driver for its intents, plugins' for all others.
struct RoutedDriverPort: DriverPort {
  let host: HostTargetDriver
  let plugins: PluginDriverPort

  private func port(of target: String) -> any DriverPort {
    target == HostTarget.name ? host : plugins
  }

  func apply(_ intent: Intent) async -> DriverOutcome {
    await port(of: intent.key.target).apply(intent)
  }

  func remove(_ intent: Intent) async -> DriverOutcome {
    await port(of: intent.key.target).remove(intent)
  }

  func verify(_ intents: [Intent], on target: String) async -> VerifyOutcome {
    await port(of: target).verify(intents, on: target)
  }

  func isReady(for key: IntentKey) -> Bool { port(of: key.target).isReady(for: key) }

  func band(ofKind kind: String, on target: String) -> UInt32 {
    port(of: target).band(ofKind: kind, on: target)
  }

  func capacity(of target: String, kinds: Set<String>) async -> [RoomCheck.Place: RoomCheck
    .Capacity]
  { await port(of: target).capacity(of: target, kinds: kinds) }
}
