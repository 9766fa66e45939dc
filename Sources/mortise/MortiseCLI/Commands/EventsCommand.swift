internal import JSON
internal import Model

extension CommandTable {
  static let events = Command(
    name: "events",
    summary: "list what happened to objects and plugins, the latest last",
    details: [
      "The same again is counted rather than told anew. Without an object the events of the "
        + "namespace are listed. With --watch the list goes on."
    ],
    positionals: [
      Positional("KIND", .optional, "Of one object: its kind, or KIND/NAME"),
      Positional("NAME", .optional, "The object's name"),
    ],
    options: [
      ObjectSelection.listedNamespaceOption, ObjectSelection.allNamespacesOption, watchOption,
      documentOption,
    ],
    examples: [
      Command.Example("mortise events", "What happened lately?"),
      Command.Example("mortise events statefulnode redis --watch", "What happens to this node?"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let format = try OutputFormat(invocation.arguments)
      var selection = ObjectSelection(kind: Event.kind)
      selection.namespace =
        invocation.arguments.has(ObjectSelection.allNamespacesOption)
        ? "" : invocation.arguments.value(ObjectSelection.listedNamespaceOption) ?? "default"
      if invocation.arguments.positional(0) != nil {
        let reference = try ObjectReference(invocation, command: "events")
        let subject = try await link.asking { session throws(CommandFailure) in
          try await session.get(reference)
        }
        selection.ownerUID = subject.resource.metadata.uid
      }
      let board = EventRows(invocation, showsObject: selection.ownerUID.isEmpty)
      if invocation.arguments.has(watchOption) {
        try await followEvents(selection, format, board, invocation, link)
        return .ok
      }
      let found = try await link.asking { [selection] session throws(CommandFailure) in
        try await session.list(selection).objects
      }
      let list: JSONValue = ["kind": "List", "items": .array(found.map(\.document))]
      if let text = format.document(list) {
        try invocation.console.write(text)
      } else {
        try board.show(try found.map { object throws(CommandFailure) in try object.event() })
      }
      return .ok
    })

  private static func followEvents(
    _ selection: ObjectSelection, _ format: OutputFormat, _ board: EventRows,
    _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) {
    var known: [ObjectKey: HostObject] = [:]
    try await ObjectFeed(link: link, selection: selection).run { event throws(CommandFailure) in
      if case .lost = event { invocation.console.complain("the host went away; waiting for it") }
      let news = WatchChange.changes(event, &known).filter { $0.kind != .deleted }.map(\.object)
      if format == .json || format == .yaml {
        for object in news { try invocation.console.write(format.document(object.document) ?? "") }
        return false
      }
      let told = try news.map { object throws(CommandFailure) in try object.event() }
        .filter { selection.ownerUID.isEmpty || $0.subjectUID == selection.ownerUID }
      if !told.isEmpty { try board.show(told) }
      return false
    }
  }
}

extension HostObject {
  func event() throws(CommandFailure) -> Event { try document.mapped() }
}

/// Events as rows, the latest last.
///
/// - Isolation: the command's own task.
final class EventRows {
  private let invocation: Invocation
  private let showsObject: Bool
  private var layout: TextTable.Layout?

  init(_ invocation: Invocation, showsObject: Bool) {
    self.invocation = invocation
    self.showsObject = showsObject
  }

  /// Prints these; the titles only the first time.
  func show(_ events: [Event]) throws(CommandFailure) {
    guard !events.isEmpty else {
      invocation.console.complain("no events found")
      return
    }
    let now = invocation.surroundings.now()
    let table = Self.table(events, showsObject: showsObject, at: now)
    let appearance = Appearance(
      of: invocation.console.output, environment: invocation.surroundings.environment)
    let columns = appearance.terminal?.columns
    if let layout {
      for row in table.rows {
        try invocation.console.print(layout.line(row, isCut: false))
      }
    } else {
      layout = table.layout(fitting: columns)
      for line in table.lines(fitting: columns) { try invocation.console.print(line) }
    }
  }

  static func table(_ events: [Event], showsObject: Bool, at now: Timestamp) -> TextTable {
    var table = TextTable(
      ["LAST", "TYPE", "REASON"] + (showsObject ? ["OBJECT"] : []) + ["COUNT", "MESSAGE"])
    table.keyColumns = 3
    for event in events.sorted(by: { $0.lastAt < $1.lastAt }) {
      let subject = "\(event.subject.kind.lowercased())/\(event.subject.name)"
      let place = [event.plan, event.task].filter { !$0.isEmpty }.joined(separator: "/")
      let message = [place, event.message].filter { !$0.isEmpty }.joined(separator: ": ")
      table.append(
        [
          ElapsedText.age(of: event.lastAt, at: now), event.severity.rawValue,
          event.reason.rawValue,
        ]
          + (showsObject ? [subject] : []) + [String(event.count), message])
    }
    return table
  }
}
