internal import Execution
internal import JSON
internal import Model

/// Goes through a plan's tasks without doing any: what would run, where, and what it would change.
///
/// The changes that one task asks for are there for the next as if they were made, so that a plan is
/// shown as a whole. What only the world can tell is said to be unknown.
struct PlanRehearsal {
  let plan: Plan
  let resource: Resource
  let tasks: any TaskRehearsal
  /// As the tasks so far would have left them.
  private var intents: [Intent]
  private var hasChanges = false

  init(_ plan: Plan, of resource: Resource, intents: [Intent], tasks: any TaskRehearsal) {
    self.plan = plan
    self.resource = resource
    self.intents = intents
    self.tasks = tasks
  }

  /// The tasks that are not complete.
  mutating func previews() async -> [TaskPreview] {
    var previews: [TaskPreview] = []
    for task in plan.tasks where task.state != .complete {
      previews.append(await preview(of: task))
    }
    return previews
  }

  private mutating func preview(of task: PlannedTask) async -> TaskPreview {
    var preview = TaskPreview(name: task.name, type: task.type, params: task.params)
    guard let offer = tasks.offer(of: task.type, range: task.versionRange) else {
      preview.isRevertible = false
      preview.note = "no plugin that is ready serves \(task.type): it would park until one does"
      return preview
    }
    preview.plugin = offer.plugin
    preview.isRevertible = offer.isRevertible
    do {
      preview.params = try Template.complete(task.params) { name in
        plan.tasks.first { $0.name == name && $0.state == .complete }?.outputs
      }
    } catch {
      preview.note = "what it does depends on outputs of earlier tasks: \(error.message)"
      return preview
    }
    let delivery = TaskDelivery(
      task: task, params: preview.params, resource: resource.key,
      resourceUID: resource.metadata.uid, target: plan.target, intents: intents)
    if let invalidity = await tasks.invalidity(of: delivery) {
      take(invalidity, into: &preview)
      return preview
    }
    guard offer.offersDryRun else {
      preview.note =
        offer.actsThroughIntents
        ? "its type offers no dry run"
        : "acts outside of the host; what it does is not known before"
      return preview
    }
    let (answer, words) = await tasks.rehearse(delivery)
    take(answer, into: &preview)
    if case .complete = answer, !words.isEmpty { preview.note = words }
    return preview
  }

  private mutating func take(_ answer: TaskAnswer, into preview: inout TaskPreview) {
    switch answer {
    case .complete:
      preview.note = "nothing is left to do for it"
    case .wait(let wish):
      if wish.set.isEmpty, wish.remove.isEmpty, wish.release.isEmpty {
        preview.note = Self.note(of: wish.gate)
      }
      preview.intents = wish.set.map { write($0) } + (wish.remove + wish.release).map { drop($0) }
    case .running:
      preview.note = "runs in its plugin"
    case .failed(let error, _, _):
      preview.note = doubt("it would fail: \(error.reason): \(error.message)")
    case .callFailed(let failure):
      preview.note = doubt("the plugin can't say: \(failure.reason): \(failure.message)")
    case .noPlugin(let message), .busy(let message):
      preview.note = message
    }
  }

  /// Of a task whose first step changes nothing: what it waits for says what it is about.
  private static func note(of gate: Gate) -> String {
    let clauses = gate.clauses.map(\.sentence).joined(separator: "; ")
    return clauses.isEmpty
      ? "its first step changes nothing; what follows is not known before"
      : "changes nothing before this holds: \(clauses)"
  }

  /// What a task says of intents that are not made yet is no verdict.
  private func doubt(_ message: String) -> String {
    hasChanges ? "not known before the tasks above are done (\(message))" : message
  }

  private mutating func write(_ write: IntentWrite) -> IntentPreview {
    guard let index = intents.firstIndex(where: { $0.key == write.key }) else {
      hasChanges = true
      intents.append(
        Intent(
          write: write, uid: "",
          owner: IntentOwner(resource: resource.key, uid: resource.metadata.uid),
          writer: IntentWriter(taskID: "", attempt: 0, step: 0)))
      return IntentPreview(key: write.key, action: .create)
    }
    let present = intents[index]
    let differences = IntentPreview.Difference.between(present.spec, write.spec)
    if differences.isEmpty, present.specVersion == write.specVersion,
      present.state != .deletePending
    {
      return IntentPreview(key: write.key, action: .unchanged)
    }
    hasChanges = true
    intents[index].spec = write.spec
    intents[index].specVersion = write.specVersion
    intents[index].generation += 1
    return IntentPreview(key: write.key, action: .change, differences: differences)
  }

  private mutating func drop(_ key: IntentKey) -> IntentPreview {
    guard intents.contains(where: { $0.key == key }) else {
      return IntentPreview(key: key, action: .unchanged)
    }
    hasChanges = true
    intents.removeAll { $0.key == key }
    return IntentPreview(key: key, action: .remove)
  }
}

extension GateClause {
  /// "Volume default/a on local: path is at least 1".
  fileprivate var sentence: String {
    switch test {
    case .committed: "\(intent) is committed"
    case .absent: "\(intent) is gone"
    case .settled: "\(intent) is committed or gone"
    case .equals: "\(path) of \(intent) is \(value)"
    case .atLeast: "\(path) of \(intent) is at least \(value)"
    }
  }
}
