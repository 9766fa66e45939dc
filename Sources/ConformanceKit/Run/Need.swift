internal import PluginProto

/// What a case can't do without; where it is missing the case is skipped, with the reason.
enum Need: Sendable {
  /// The kit starts the plugin and may end it.
  case program
  case tasks
  case externalTasks
  case driver
  case noDriver
  /// A sample of good params, of any type.
  case good
  case other
  case bad
  case slow
  case chatty
  /// Good params whose effect can be counted.
  case effect
  /// A type that says so.
  case capability(String)
  /// The same, and its effect can be counted.
  case countedCapability(String)
  /// A type that does not say so, with good params.
  case lacking(String)
  case intents
  case intentTask
  case limitedSlow
  /// What plugin.yaml says is known.
  case manifest
  case root

  /// Why the case is skipped; nil where the need is met.
  func missing(_ facts: Facts, isRoot: Bool) -> String? {
    isMet(facts, isRoot: isRoot) ? nil : reason
  }

  private func isMet(_ facts: Facts, isRoot: Bool) -> Bool {
    switch self {
    case .program: facts.isProgram
    case .tasks: !facts.description.taskTypes.isEmpty
    case .externalTasks: facts.description.taskTypes.contains { $0.acts == .externally }
    case .driver: facts.driver != nil
    case .noDriver: facts.driver == nil
    case .good: facts.type(\.good) != nil
    case .other: facts.type(\.other, where: { $1.effect != nil && $1.good != nil }) != nil
    case .bad: !facts.types { !$1.bad.isEmpty }.isEmpty
    case .slow: facts.type(\.slow) != nil
    case .chatty: facts.type(\.chatty) != nil
    case .effect: facts.counted != nil
    case .capability(let name): facts.type(offering: name) != nil
    case .countedCapability(let name): facts.counted(offering: name) != nil
    case .lacking(let name): facts.type(lacking: name) != nil
    case .intents: facts.driver != nil && !facts.samples.intents.isEmpty
    case .intentTask:
      facts.type(\.good) { type, _ in type.acts == .throughIntents } != nil
        && facts.intentTask != nil
    case .limitedSlow: facts.limitedSlow != nil
    case .manifest: facts.subject.name != nil
    case .root: isRoot
    }
  }

  private var reason: String {
    switch self {
    case .program: "the plugin is reached by a socket: the kit can't start or end it"
    case .tasks: "the plugin has no task types"
    case .externalTasks: "no task type acts externally"
    case .driver: "the plugin is no driver"
    case .noDriver: "the plugin is a driver"
    case .good: "conformance.yaml has no good params of any task type"
    case .other: "conformance.yaml has no type with good and other params and an effect"
    case .bad: "conformance.yaml has no bad params of any task type"
    case .slow: "conformance.yaml has no slow params of any task type"
    case .chatty: "conformance.yaml has no chatty params of any task type"
    case .effect: "conformance.yaml names no effect of good params that could be counted"
    case .capability(let name): "no task type with good params has the capability \(name)"
    case .countedCapability(let name):
      "no task type with good params and an effect has the capability \(name)"
    case .lacking(let name): "every task type with good params has the capability \(name)"
    case .intents: "conformance.yaml has no intents to try the driver with"
    case .intentTask: "no task type with good params acts through intents"
    case .limitedSlow: "no task type with slow params says max_concurrent, of at most 256"
    case .manifest: "no plugin.yaml lies beside the plugin"
    case .root: "only root can call as another user"
    }
  }
}

extension Facts {
  /// A type that acts externally, whose good params do what can be counted.
  var counted: PluginV1.TaskTypeDescription? {
    type(\.good) { type, sample in type.acts == .externally && sample.effect != nil }
  }

  func counted(offering capability: String) -> PluginV1.TaskTypeDescription? {
    type(\.good) { type, sample in
      sample.effect != nil && type.capabilities.contains(capability)
    }
  }

  func type(lacking capability: String) -> PluginV1.TaskTypeDescription? {
    type(\.good) { type, _ in
      type.acts == .externally && !type.capabilities.contains(capability)
    }
  }

  var intentTask: PluginV1.TaskTypeDescription? {
    types { type, sample in type.acts == .throughIntents && sample.good != nil }.first
  }

  var limitedSlow: PluginV1.TaskTypeDescription? {
    type(\.slow) { type, _ in (1...256).contains(type.maxConcurrent) }
  }
}
