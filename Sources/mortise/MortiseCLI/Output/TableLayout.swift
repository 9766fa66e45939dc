internal import JSON
internal import Model
internal import Rollout

/// Which columns a list of objects has.
struct TableLayout: Sendable {
  var kind: String
  /// Of the kind's blueprint.
  var columns: [PrinterColumn]
  var isWide: Bool
  var showsNamespace = false
  /// Names as `KIND/NAME`, where a reader meets several kinds.
  var showsKind = false

  private struct Column: Sendable {
    var title: String
    var cell: @Sendable (HostObject, Timestamp) -> String
  }

  func table(_ objects: [HostObject], at now: Timestamp) -> TextTable {
    let columns = allColumns
    var table = TextTable(columns.map(\.title))
    table.keyColumns = hasNamespaces ? 2 : 1
    for object in objects { table.append(columns.map { $0.cell(object, now) }) }
    return table
  }

  /// The cells of one object.
  func row(_ object: HostObject, at now: Timestamp) -> [String] {
    allColumns.map { DisplayText.harmless($0.cell(object, now)) }
  }

  // What is wanted on a target is told by the target: it has no other namespace.
  private var hasNamespaces: Bool { (showsNamespace || isWide) && kind != Intent.kind }

  private var allColumns: [Column] {
    var list: [Column] = []
    if hasNamespaces {
      list.append(Column(title: "NAMESPACE") { object, _ in object.resource.metadata.namespace })
    }
    list.append(
      Column(title: "NAME") { [showsKind] object, _ in
        showsKind ? object.shortName : object.name
      })
    switch kind {
    case Intent.kind: list += Self.intentColumns
    case Blueprint.kind: list += Self.blueprintColumns
    case NodeDeployment.kind: list += Self.rolloutColumns
    default: list += Self.planColumns
    }
    list += columns.map { Self.column($0.name.uppercased(), at: $0.path) }
    if isWide {
      list.append(
        Column(title: "GENERATION") { object, _ in String(object.resource.metadata.generation) })
      list.append(Column(title: "UID") { object, _ in object.resource.metadata.uid })
    }
    if kind != Intent.kind {
      list.append(
        Column(title: "AGE") { object, now in
          ElapsedText.age(of: object.resource.metadata.creationTimestamp, at: now)
        })
    }
    return list
  }

  private static func column(_ title: String, at path: JSONPath) -> Column {
    Column(title: title) { object, _ in cell(object.document.value(at: path)) }
  }

  private static func cell(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: "-"
    case .string(let text): text.isEmpty ? "-" : text
    case .some(let value): value.description
    }
  }

  private static let planColumns = [
    column("PHASE", at: "status.phase"),
    Column(title: "PLAN") { object, now in object.resource.planCell(at: now) },
    Column(title: "TASK") { object, now in object.resource.taskCell(at: now) },
  ]

  private static let intentColumns = [
    column("STATE", at: "status.state"),
    column("TARGET", at: "spec.target"),
    column("OWNER", at: "spec.owner.name"),
    Column(title: "VERIFIED") { object, now in
      let verifiedAt = object.document.value(at: "status.verifiedAt")?.string
      return ElapsedText.age(of: verifiedAt.flatMap { Timestamp($0) }, at: now)
    },
    column("ERROR", at: "status.error.message"),
  ]

  private static let rolloutColumns = [
    column("STATE", at: "status.state"), column("COMPLETE", at: "status.progress"),
    column("ATTEMPT", at: "status.rollout.attempt.number"),
    column("REVISION", at: "status.rollout.attempt.revision"),
  ]

  private static let blueprintColumns = [
    column("KIND", at: "spec.kind"), column("TARGET", at: "spec.target"),
  ]
}

extension Resource {
  /// "init 3/7" while a plan runs; how the last one ended where that was no success.
  fileprivate func planCell(at now: Timestamp) -> String {
    if let plan = status.plan {
      return plan.phase == .active
        ? "\(plan.name) \(plan.progress)" : "\(plan.name) \(plan.phase.rawValue)"
    }
    guard let last = status.history.first, last.phase != .complete else { return "-" }
    let retry = status.retry.map { $0.notBefore > now ? $0.notBefore - now : nil } ?? nil
    return "\(last.name) \(last.phase.rawValue)"
      + (retry.map { ", again in \(ElapsedText.describe($0))" } ?? "")
  }

  fileprivate func taskCell(at now: Timestamp) -> String {
    guard let plan = status.plan, let index = plan.failedTaskIndex ?? plan.currentIndex else {
      return "-"
    }
    let task = plan.tasks[index]
    return task.name + " " + (task.park == nil ? task.state.rawValue : "Parked")
  }
}

extension HostSession {
  /// The columns that the kind's blueprint gives; none where no blueprint teaches it.
  ///
  /// - Parameter kind: as a person names it: in any case, singular or plural.
  ///
  /// - Throws: exit code 1 where the blueprint has columns that can't be read.
  func printerColumns(ofKind kind: String) async throws(CommandFailure) -> [PrinterColumn] {
    let wanted = kind.lowercased()
    // What the host itself knows has no blueprint in the store.
    if [TaskRun.kind.lowercased(), Blueprint.taskRun.plural].contains(wanted) {
      return Blueprint.taskRun.printerColumns
    }
    let blueprints = try await list(ObjectSelection(kind: Blueprint.kind)).objects
    let blueprint = blueprints.first { object in
      let names = [object.resource.spec["kind"], object.resource.spec["plural"]]
      return names.contains { $0?.string?.lowercased() == wanted }
    }
    guard let blueprint else { return [] }
    do throws(MappingError) {
      return try JSONReader(blueprint.resource.spec, path: "spec")
        .list("printerColumns", of: PrinterColumn.self)
    } catch {
      throw CommandFailure(.failed, "mortise: \(blueprint.shortName): \(error)")
    }
  }
}
