internal import JSON
internal import Model

/// All that there is to say about an object, for a person.
///
/// Pure: the same object at the same time gives the same lines.
struct ObjectDescription: Sendable {
  var object: HostObject
  /// Intents and others that it owns.
  var owned: [HostObject]
  var events: [Event] = []
  /// Nil = as wide as it gets.
  var columns: Int?
  var now: Timestamp

  /// Of the events, the latest so many; `mortise events` has all.
  static let eventsShown = 10

  private var resource: Resource { object.resource }

  var lines: [String] {
    let sections = [identity, conditions, plan, history, intents, news, rest]
    let lines = sections.filter { !$0.isEmpty }.joined(separator: [""])
    return lines.map { line in columns.map { DisplayText.cut(line, to: $0) } ?? line }
  }

  private var identity: [String] {
    let metadata = resource.metadata
    var fields: [(String, String)] = [
      ("Name", metadata.name), ("Namespace", metadata.namespace),
      ("Kind", "\(resource.kind) (\(resource.apiVersion))"), ("UID", metadata.uid),
      ("Generation", "\(metadata.generation) (observed \(resource.status.observedGeneration))"),
      ("Created", moment(metadata.creationTimestamp)),
    ]
    if !metadata.labels.isEmpty { fields.append(("Labels", pairs(metadata.labels))) }
    if !metadata.annotations.isEmpty { fields.append(("Annotations", pairs(metadata.annotations))) }
    for owner in metadata.ownerReferences {
      fields.append(("Owner", "\(owner.kind.lowercased())/\(owner.name)"))
    }
    if metadata.deletionTimestamp != nil {
      fields.append(("Deleted", moment(metadata.deletionTimestamp)))
      fields.append(("Finalizers", metadata.finalizers.joined(separator: ", ")))
    }
    fields.append(("Phase", resource.status.phase.isEmpty ? "-" : resource.status.phase))
    if resource.isPaused { fields.append(("Paused", "yes")) }
    if let retry = resource.status.retry {
      fields.append(
        ("Retry", "after \(retry.count) failed, not before \(retry.notBefore)"))
    }
    return fields.flatMap { field($0, $1) }
  }

  /// A title and its text, which goes on below where the terminal ends.
  private func field(_ title: String, _ text: String) -> [String] {
    let margin = 13
    let lines = DisplayText.wrapped(DisplayText.harmless(text), to: (columns ?? .max) - margin)
    return [DisplayText.padded(title + ":", to: margin) + (lines.first ?? "")]
      + lines.dropFirst().map { String(repeating: " ", count: margin) + $0 }
  }

  private var conditions: [String] {
    guard !resource.status.conditions.isEmpty else { return [] }
    var table = TextTable(["TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"])
    for condition in resource.status.conditions {
      table.append([
        condition.type, condition.status.rawValue, condition.reason,
        ElapsedText.age(of: condition.lastTransitionTime, at: now), condition.message,
      ])
    }
    return ["Conditions:"] + table.lines(fitting: columns, indentation: "  ")
  }

  private var plan: [String] {
    guard let plan = resource.status.plan else { return [] }
    var heading = "\(plan.name) \(plan.phase.rawValue), \(plan.progress) tasks"
    heading += ", began \(ElapsedText.age(of: plan.startedAt, at: now)) ago"
    if !plan.targetPhase.isEmpty { heading += ", leads to \(plan.targetPhase)" }
    if !plan.target.isEmpty { heading += ", on \(plan.target)" }
    var table = TextTable(["TASK", "STATE", "TIME", "ATTEMPT", "PLUGIN", "NOTE"])
    for task in plan.tasks {
      let hasBegun = task.submittedAt != nil
      table.append([
        task.name, task.park == nil ? task.state.rawValue : "Parked",
        task.elapsed(at: now).map { ElapsedText.describe($0) } ?? "-",
        hasBegun ? String(task.attempt) : "-", task.plugin.isEmpty ? "-" : task.plugin,
        task.note(at: now),
      ])
    }
    return field("Plan", heading) + table.lines(fitting: columns, indentation: "  ")
      + details("Failure", plan.failedTaskDetail)
  }

  private var history: [String] {
    guard !resource.status.history.isEmpty else { return [] }
    var table = TextTable(["PLAN", "RESULT", "GENERATION", "TOOK", "ENDED", "DETAIL"])
    for record in resource.status.history {
      table.append([
        record.name, record.phase.rawValue, String(record.generation),
        ElapsedText.describe(record.endedAt - record.startedAt),
        ElapsedText.age(of: record.endedAt, at: now) + " ago", record.detail,
      ])
    }
    let last = resource.status.history[0]
    return ["History:"] + table.lines(fitting: columns, indentation: "  ")
      + details("Last failure", last.phase == .failed ? last.detail : "")
  }

  private var intents: [String] {
    guard !owned.isEmpty else { return [] }
    var table = TextTable(["OWNS", "ON", "STATE", "VERIFIED", "ERROR"])
    for object in owned {
      let status = object.document["status"] ?? .null
      let verified = status["verifiedAt"]?.string.flatMap { Timestamp($0) }
      let error = [status["error"]?["reason"], status["error"]?["message"]]
        .compactMap { $0?.string }.joined(separator: ": ")
      let isIntent = object.resource.kind == Intent.kind
      table.append([
        isIntent ? object.name : object.shortName,
        isIntent ? object.resource.metadata.namespace : "-",
        (status["state"] ?? status["phase"])?.string ?? "-", ElapsedText.age(of: verified, at: now),
        error,
      ])
    }
    return ["Owns:"] + table.lines(fitting: columns, indentation: "  ")
  }

  private var news: [String] {
    guard !events.isEmpty else { return [] }
    let latest = events.sorted { $0.lastAt < $1.lastAt }.suffix(Self.eventsShown)
    let table = EventRows.table(Array(latest), showsObject: false, at: now)
    return ["Events:"] + table.lines(fitting: columns, indentation: "  ")
  }

  /// The spec, and what outputs were mapped to.
  private var rest: [String] {
    func section(_ title: String, _ value: JSONValue) -> [String] {
      guard value.object?.isEmpty == false else { return [] }
      return [title + ":"]
        + YAMLWriter.document(value).split(separator: "\n").map { "  " + $0 }
    }
    return section("Spec", resource.spec) + section("Status", .object(resource.status.fields))
  }

  /// A text that tables cut, whole.
  private func details(_ title: String, _ text: String) -> [String] {
    guard !text.isEmpty else { return [] }
    let wrapped = DisplayText.wrapped(DisplayText.harmless(text), to: (columns ?? 100) - 4)
    return ["  \(title):"] + wrapped.map { "    " + $0 }
  }

  private func moment(_ moment: Timestamp?) -> String {
    moment.map { "\($0) (\(ElapsedText.age(of: $0, at: now)) ago)" } ?? "-"
  }

  private func pairs(_ pairs: [(name: String, value: String)]) -> String {
    pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
  }
}
