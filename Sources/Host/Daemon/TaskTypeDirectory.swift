internal import Model
internal import PluginSupervision

/// What admission knows of the task types that there are: installed plugins in the daemon, a list in
/// tests.
protocol TaskTypeDirectory: Sendable {
  /// All that installed plugins offer, ready or not.
  var offers: [PluginSupervisor.TaskTypeOffer] { get }
  /// Installed plugins that have not said yet what they offer, each with its state in words.
  var silent: [String] { get }
  /// Returns when no plugin is on its way to its first word any more, or after `patience`.
  func untilIntroduced(within patience: Duration) async
}

extension PluginSupervisor: TaskTypeDirectory {}

/// Whether a blueprint's task types are ones that somebody offers.
extension Admission {
  /// How long apply waits for plugins that are starting: right after a host's start all of them are.
  static let introductionPatience = Duration.seconds(10)

  /// Waits for plugins that may offer what a blueprint newly asks for.
  func awaitIntroductions(of blueprints: [Blueprint]) async {
    guard let taskTypes else { return }
    let isUnknown = blueprints.contains { blueprint in
      newTasks(of: blueprint).contains { unknown($0.task, taskTypes) != nil }
    }
    if isUnknown { await taskTypes.untilIntroduced(within: Self.introductionPatience) }
  }

  /// Task types that nobody offers. What the blueprint in force uses already was let in before, and
  /// is not asked about again: its plugin may be away just now.
  func unknownTypes(of blueprint: Blueprint) -> [MappingError] {
    guard let taskTypes else { return [] }
    return newTasks(of: blueprint).compactMap { place, task in
      unknown(task, taskTypes).map { MappingError(path: place, message: $0) }
    }
  }

  private func newTasks(of blueprint: Blueprint) -> [(place: String, task: TaskTemplate)] {
    struct Use: Hashable {
      var type: String
      var range: String
    }
    let present = catalog.blueprint(ofKind: blueprint.resourceKind)?.plans.flatMap(\.tasks) ?? []
    let known = Set(present.map { Use(type: $0.type, range: $0.versionRange) })
    var found: [(String, TaskTemplate)] = []
    for (index, plan) in blueprint.plans.enumerated() {
      for (number, task) in plan.tasks.enumerated()
      where !known.contains(Use(type: task.type, range: task.versionRange)) {
        found.append(("spec.plans[\(index)].tasks[\(number)].type", task))
      }
    }
    return found
  }

  /// Why nobody could carry the task out; nil where somebody could.
  private func unknown(_ task: TaskTemplate, _ taskTypes: any TaskTypeDirectory) -> String? {
    let offers = taskTypes.offers
    let ofType = offers.filter { $0.type == task.type }
    guard ofType.isEmpty else {
      // The blueprint's reader has refused a range that can't be read.
      guard let range = try? VersionRange(task.versionRange), !task.versionRange.isEmpty,
        !ofType.contains(where: { range.accepts($0.version) })
      else { return nil }
      let present = ofType.map { "\($0.version) of \($0.plugin)" }.joined(separator: ", ")
      return "no installed plugin offers \(task.type) \(task.versionRange); there is \(present)"
    }
    let types = Set(offers.map(\.type)).sorted()
    let meant = Spelling.nearest(to: task.type, among: types).map { "; did you mean \($0)?" }
    let known = types.isEmpty ? "" : "; offered are \(types.joined(separator: ", "))"
    let silent = taskTypes.silent
    let doubt =
      silent.isEmpty
      ? "" : " Not known yet is what these offer: \(silent.joined(separator: ", "))."
    return "no installed plugin offers the task type \"\(task.type)\""
      + (meant ?? known) + (meant == nil ? "." : "") + doubt
      + " Install the plugin first (mortise plugins), then apply again"
  }
}
