internal import JSON
internal import PluginProto

/// What is known of the plugin once it has described itself.
struct Facts: Sendable {
  let subject: ConformanceSubject
  let description: PluginV1.DescribeReply
  /// The first phase of each expandable type with good params: such a type's tasks name one.
  var phases: [String: String] = [:]

  var samples: Samples { subject.samples }
  var driver: PluginV1.DriverDescription? { description.driver }
  /// Whether the kit may start and kill it.
  var isProgram: Bool { if case .program = subject.place { true } else { false } }

  /// The first type with such a sample, those that act externally before the others.
  func type(
    _ sample: any KeyPath<Samples.TaskType, JSONValue?> & Sendable,
    where fits: (PluginV1.TaskTypeDescription, Samples.TaskType) -> Bool = { _, _ in true }
  ) -> PluginV1.TaskTypeDescription? {
    let fitting = types { $1[keyPath: sample] != nil && fits($0, $1) }
    return fitting.first { $0.acts == .externally } ?? fitting.first
  }

  /// The types for which there are samples that fit.
  func types(
    where fits: (PluginV1.TaskTypeDescription, Samples.TaskType) -> Bool
  ) -> [PluginV1.TaskTypeDescription] {
    description.taskTypes.filter { type in samples.tasks[type.type].map { fits(type, $0) } ?? false
    }
  }

  func type(offering capability: String) -> PluginV1.TaskTypeDescription? {
    type(\.good) { type, _ in type.capabilities.contains(capability) }
  }
}
