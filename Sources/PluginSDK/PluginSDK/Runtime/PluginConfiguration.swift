import JSON
import Synchronization
import TTRPC

/// What Configure gave the plugin.
struct PluginConfiguration: Sendable {
  let config: JSONValue
  let stateDirectory: String
  /// Runs and remembers external tasks; nil where the plugin has none.
  let steps: ExternalSteps?
  /// How tasks wait: on the loop's timers.
  let sleep: @Sendable (Duration) async throws -> Void

  var requiredSteps: ExternalSteps {
    guard let steps else { preconditionFailure("Configure makes them for external tasks") }
    return steps
  }
}

/// The configuration's life: absent → arriving → present; arriving → absent where it was refused.
///
/// - Isolation: a mutex.
final class ConfigurationSlot: Sendable {
  private enum State {
    case absent
    case arriving
    case present(PluginConfiguration)
  }

  private let state = Mutex(State.absent)

  /// The configuration.
  ///
  /// - Throws: FAILED_PRECONDITION before there is one.
  func current() throws(RPCError) -> PluginConfiguration {
    let present = state.withLock { state -> PluginConfiguration? in
      if case .present(let configuration) = state { configuration } else { nil }
    }
    guard let present else {
      throw RPCError(
        .failedPrecondition, reason: "NotConfigured",
        message: "Plugin.Configure must have been answered before this call")
    }
    return present
  }

  var present: PluginConfiguration? { try? current() }

  /// Whether the caller is to make the configuration; it must end with `finish`.
  ///
  /// - Returns: false where this very configuration is there already.
  /// - Throws: where another one is there or arriving.
  func begin(_ config: JSONValue, _ stateDirectory: String) throws(RPCError) -> Bool {
    let isNew = state.withLock { state -> Bool? in
      switch state {
      case .absent:
        state = .arriving
        return true
      case .arriving: return nil
      case .present(let present):
        let isSame = present.config == config && present.stateDirectory == stateDirectory
        return isSame ? false : nil
      }
    }
    guard let isNew else {
      throw RPCError(
        .failedPrecondition, reason: "AlreadyConfigured",
        message: "this process has another configuration; restart the plugin to change it")
    }
    return isNew
  }

  /// - Parameter configuration: nil where it was refused.
  func finish(_ configuration: PluginConfiguration?) {
    state.withLock { $0 = configuration.map(State.present) ?? .absent }
  }
}
