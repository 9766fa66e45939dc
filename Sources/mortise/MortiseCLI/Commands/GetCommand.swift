internal import JSON
internal import Model

extension CommandTable {
  static let get = Command(
    name: "get",
    summary: "list objects of a kind, or show one",
    details: [
      "Without a name all objects of the kind are listed: of all namespaces, or of the one that -n "
        + "names. Columns of its own come from the kind's blueprint. The kinds of the host itself "
        + "are blueprints and intents."
    ],
    positionals: [
      ObjectReference.kindArgument,
      Positional("NAME", .optional, "One object; all where not given"),
    ],
    options: [ObjectReference.namespaceOption, OutputFormat.option],
    examples: [
      Command.Example("mortise get statefulnodes", "All nodes"),
      Command.Example("mortise get statefulnode redis -o yaml", "One node, whole"),
      Command.Example("mortise get intents -n local -o wide", "What should be true on a target"),
      Command.Example("mortise get statefulnodes -o name", "Names for a script"),
      Command.Example(
        "mortise get statefulnode redis -o jsonpath=status.service.address", "One value"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let format = try OutputFormat(invocation.arguments)
      let selection = ObjectSelection(invocation)
      let reference =
        selection.name.isEmpty ? nil : try ObjectReference(invocation, command: "get")
      let found = try await link.asking { session throws(CommandFailure) in
        let objects =
          if let reference { [try await session.get(reference)] } else {
            try await session.list(selection).objects
          }
        guard format == .table || format == .wide, let kind = objects.first?.resource.kind else {
          return Found(objects: objects, columns: [], isOne: reference != nil)
        }
        let columns = try await session.printerColumns(ofKind: kind)
        return Found(objects: objects, columns: columns, isOne: reference != nil)
      }
      try show(found, format, invocation)
      return .ok
    })

  private struct Found: Sendable {
    var objects: [HostObject]
    var columns: [PrinterColumn]
    /// Whether it was asked for by name.
    var isOne: Bool
  }

  private static func show(_ found: Found, _ format: OutputFormat, _ invocation: Invocation)
    throws(CommandFailure)
  {
    let console = invocation.console
    let documents = found.objects.map(\.document)
    switch format {
    case .json, .yaml:
      let list: JSONValue = ["kind": "List", "items": .array(documents)]
      try console.write(format.document(found.isOne ? documents[0] : list) ?? "")
    case .path:
      for document in documents { try console.write(format.document(document) ?? "") }
    case .name:
      for object in found.objects { try console.print(object.shortName) }
    case .table, .wide:
      guard let kind = found.objects.first?.resource.kind else {
        console.complain("no \(ObjectSelection(invocation).kind) found")
        return
      }
      let layout = TableLayout(kind: kind, columns: found.columns, isWide: format == .wide)
      let appearance = Appearance(
        of: console.output, environment: invocation.surroundings.environment)
      let table = layout.table(found.objects, at: invocation.surroundings.now())
      for line in table.lines(fitting: appearance.terminal?.columns) { try console.print(line) }
    }
  }
}
