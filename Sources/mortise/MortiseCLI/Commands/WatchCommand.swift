internal import JSON
internal import Model

extension CommandTable {
  private static let outputOption = Option(
    "output", short: "o", .choice(["json", "name"]),
    "Print a line for each change: {\"type\", \"object\"} as JSON, or KIND/NAME alone")

  static let watch = Command(
    name: "watch",
    summary: "follow objects live until interrupted, or until the one named is deleted",
    details: [
      "On a terminal the plan of each object is redrawn in place; in a pipe each change is a line. "
        + "Interrupting it leaves the work to the host."
    ],
    positionals: [
      ObjectReference.kindArgument,
      Positional("NAME", .optional, "One object; all where not given"),
    ],
    options: [
      ObjectSelection.listedNamespaceOption, ObjectSelection.allNamespacesOption,
      ObjectSelection.selectorOption, outputOption,
    ],
    examples: [
      Command.Example("mortise watch statefulnode redis", "One node's plan, live"),
      Command.Example("mortise watch statefulnodes -o json", "All changes, for a program"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      guard let selection = try ObjectSelection.list(invocation).first else { return .ok }
      if !selection.name.isEmpty, !invocation.arguments.has(outputOption) {
        let reference = try ObjectReference(invocation, command: "watch")
        // Absent is an error at first and the end later: the first reading tells which.
        _ = try await link.asking { session throws(CommandFailure) in
          try await session.get(reference)
        }
        return try await watchOne(reference, invocation, link)
      }
      try await watchAll(selection, invocation, link)
      return .ok
    })

  private static func watchOne(
    _ reference: ObjectReference, _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) -> ExitCode {
    try await Follower(link: link, board: ProgressBoard(invocation.surroundings), timeout: nil)
      .follow([Follower.Pursuit(reference: reference, goal: .deleted)])
    return .ok
  }

  private static func watchAll(
    _ selection: ObjectSelection, _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) {
    let format = try OutputFormat(invocation.arguments)
    let board = ProgressBoard(invocation.surroundings)
    var known: [ObjectKey: HostObject] = [:]
    try await ObjectFeed(link: link, selection: selection).run {
      event throws(CommandFailure) in
      for change in WatchChange.changes(event, &known) {
        switch format {
        case .table, .wide, .yaml, .path: try change.show(on: board)
        case .json: try invocation.console.print(change.line.description)
        case .name: try invocation.console.print(change.object.shortName)
        }
      }
      if case .lost = event { invocation.console.complain("the host went away; waiting for it") }
      return false
    }
  }
}
