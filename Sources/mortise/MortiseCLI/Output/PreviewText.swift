internal import JSON
internal import Model

/// What applying would do, for a person.
///
/// Pure: the same preview gives the same lines.
struct PreviewText: Sendable {
  var preview: PlanPreview

  var lines: [StyledLine] {
    var lines: [StyledLine] = []
    for resource in preview.resources {
      if !lines.isEmpty { lines.append(StyledLine()) }
      lines += self.lines(resource)
    }
    return lines
  }

  private func lines(_ resource: ResourcePreview) -> [StyledLine] {
    let key = resource.resource
    var heading = StyledLine("\(key.kind.lowercased())/\(key.name) ", .bold)
    switch resource.action {
    case .create: heading.append("would be created", .green)
    case .configure: heading.append("would be configured", .yellow)
    case .unchanged: heading.append("is as declared", .dim)
    }
    let plan =
      resource.plan.isEmpty
      ? "no plan" : "plan \(resource.plan)" + text(" on ", resource.target)
    let width = resource.tasks.map { DisplayText.width($0.name) }.max() ?? 0
    return [heading, StyledLine("  " + plan + text(": ", resource.because))]
      + resource.tasks.flatMap { lines($0, nameWidth: width) }
  }

  private func lines(_ task: TaskPreview, nameWidth: Int) -> [StyledLine] {
    var line = StyledLine("  - \(DisplayText.padded(task.name, to: nameWidth))  ")
    if task.plugin.isEmpty {
      line.append("no plugin is ready: it would park", .yellow)
    } else {
      line.append(task.plugin, .dim)
    }
    if !task.isRevertible { line.append("  not revertible", .yellow) }
    var lines = [line]
    if !task.note.isEmpty { lines.append(StyledLine("      " + task.note)) }
    return lines + task.intents.flatMap(self.lines)
  }

  private func lines(_ intent: IntentPreview) -> [StyledLine] {
    let (sign, colour): (String, StyledLine.Colour) =
      switch intent.action {
      case .create: ("+", .green)
      case .change: ("~", .yellow)
      case .remove: ("-", .red)
      case .unchanged: ("=", .dim)
      }
    return [StyledLine("      \(sign) \(intent.key.kind) \(intent.key.key)", colour)]
      + intent.differences.map { difference in
        StyledLine(
          "          \(difference.path): \(shown(difference.present)) -> "
            + shown(difference.planned))
      }
  }

  private func shown(_ value: JSONValue) -> String {
    value.isNull ? "nothing" : value.string ?? value.description
  }

  private func text(_ separator: String, _ text: String) -> String {
    text.isEmpty ? "" : separator + text
  }
}
