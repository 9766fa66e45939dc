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
    options: [ObjectReference.namespaceOption, outputOption],
    examples: [
      Command.Example("mortise watch statefulnode redis", "One node's plan, live"),
      Command.Example("mortise watch statefulnodes -o json", "All changes, for a program"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let selection = ObjectSelection(invocation)
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
    var selection = selection
    if !selection.name.isEmpty, selection.namespace.isEmpty { selection.namespace = "default" }
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

/// A change of an object, told as ADDED, MODIFIED or DELETED.
private struct WatchChange {
  enum Kind: String {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
  }

  var kind: Kind
  var object: HostObject

  var line: JSONValue { ["type": .string(kind.rawValue), "object": object.document] }

  func show(on board: ProgressBoard) throws(CommandFailure) {
    switch kind {
    case .added, .modified: try board.update(object.resource)
    case .deleted: try board.remove(object.resource.key, named: object.shortName)
    }
  }

  /// What the event means for somebody who knows these objects already.
  static func changes(_ event: ObjectFeed.Event, _ known: inout [ObjectKey: HostObject])
    -> [WatchChange]
  {
    switch event {
    case .lost:
      return []
    case .changed(let object):
      return [note(object, &known)]
    case .deleted(let object):
      known[object.resource.key] = nil
      return [WatchChange(kind: .deleted, object: object)]
    case .present(let objects):
      let present = Set(objects.map(\.resource.key))
      let gone = known.filter { !present.contains($0.key) }.values.sorted { $0.name < $1.name }
      for object in gone { known[object.resource.key] = nil }
      return gone.map { WatchChange(kind: .deleted, object: $0) }
        + objects.map { note($0, &known) }
    }
  }

  private static func note(_ object: HostObject, _ known: inout [ObjectKey: HostObject])
    -> WatchChange
  {
    let isNew = known.updateValue(object, forKey: object.resource.key) == nil
    return WatchChange(kind: isNew ? .added : .modified, object: object)
  }
}
