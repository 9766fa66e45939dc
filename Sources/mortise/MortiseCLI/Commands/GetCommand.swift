internal import JSON
internal import Model

extension CommandTable {
  static let get = Command(
    name: "get",
    summary: "list objects, or show some of them",
    details: [
      "Objects are named KIND NAME… or KIND/NAME…; without a name all of the kind are listed. "
        + "Several kinds are separated by commas. Columns of its own come from the kind's "
        + "blueprint. The kinds of the host itself are blueprints, events and intents; these are "
        + "listed of all targets, of which -n chooses one.",
      "With --watch the list goes on, a row for each change, until it is interrupted.",
    ],
    positionals: [
      ObjectReference.kindArgument,
      Positional("NAME", .repeated, "Some objects; all where not given"),
    ],
    options: [
      ObjectSelection.listedNamespaceOption, ObjectSelection.allNamespacesOption,
      ObjectSelection.selectorOption, watchOption, OutputFormat.option,
    ],
    examples: [
      Command.Example("mortise get statefulnodes", "All nodes of the default namespace"),
      Command.Example(
        "mortise get statefulnodes -A --watch", "All nodes, and what becomes of them"),
      Command.Example("mortise get statefulnodes -l app=shop,tier!=cache", "Those of some labels"),
      Command.Example("mortise get statefulnode redis -o yaml", "One node, whole"),
      Command.Example("mortise get intents -n local -o wide", "What should be true on a target"),
      Command.Example("mortise get statefulnodes -o name", "Names for a script"),
      Command.Example(
        "mortise get statefulnode redis -o jsonpath=status.service.address", "One value"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let selections = try ObjectSelection.list(invocation)
      guard invocation.arguments.has(watchOption) else {
        return try await show(selections, invocation, link)
      }
      let printer = ObjectPrinter(try OutputFormat(invocation.arguments), invocation)
      try await watchRows(selections, printer, invocation, link)
      return .ok
    })

  /// Prints what is selected, as `-o` says.
  ///
  /// - Throws: exit code 4 where something that was named isn't there.
  static func show(
    _ selections: [ObjectSelection], _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) -> ExitCode {
    let format = try OutputFormat(invocation.arguments)
    let found = try await link.asking { session throws(CommandFailure) in
      try await session.find(selections, withColumns: format == .table || format == .wide)
    }
    try ObjectPrinter(format, invocation).print(found)
    if found.isEmpty, !found.areNamed { invocation.console.complain(nothing(selections)) }
    guard let missing = found.missing else { return .ok }
    throw missing
  }

  static let watchOption = Option(
    flag: "watch", short: "w", "Go on with a row for each change, until interrupted")

  private static func nothing(_ selections: [ObjectSelection]) -> String {
    let kinds = selections.map(\.kind).joined(separator: ",")
    guard let namespace = selections.first?.namespace, !namespace.isEmpty else {
      return "no \(kinds) found"
    }
    return "no \(kinds) found in namespace \(namespace); of all namespaces: mortise get \(kinds) -A"
  }

  private static func watchRows(
    _ selections: [ObjectSelection], _ printer: ObjectPrinter, _ invocation: Invocation,
    _ link: HostLink
  ) async throws(CommandFailure) {
    guard selections.count == 1, let selection = selections.first else {
      throw CommandFailure(
        .usage, "mortise get: --watch takes one kind or one object. See: mortise help get")
    }
    let columns = try await link.asking { session throws(CommandFailure) in
      try await session.printerColumns(ofKind: selection.kind)
    }
    var known: [ObjectKey: HostObject] = [:]
    var rows: ObjectPrinter.Rows?
    try await ObjectFeed(link: link, selection: selection).run { event throws(CommandFailure) in
      let changes = WatchChange.changes(event, &known)
      if case .lost = event { invocation.console.complain("the host went away; waiting for it") }
      guard !changes.isEmpty else { return false }
      if rows == nil {
        rows = try printer.begin(
          changes.map(\.object), columns, showsNamespace: selection.namespace.isEmpty)
      } else {
        for change in changes {
          try rows?.print(change.object, isDeleted: change.kind == .deleted)
        }
      }
      return false
    }
  }
}

/// What `get` found.
struct FoundObjects: Sendable {
  /// Of one kind.
  struct Group: Sendable {
    var objects: [HostObject]
    var columns: [PrinterColumn]
  }

  var groups: [Group] = []
  /// Whether each was asked for by name.
  var areNamed = false
  /// Whether they may be of several namespaces.
  var areSpread = false
  /// What was named and isn't there.
  var missing: CommandFailure?

  var isEmpty: Bool { groups.isEmpty }

  /// Joins objects of a kind that is there already.
  mutating func add(_ objects: [HostObject]) {
    guard let kind = objects.first?.resource.kind else { return }
    if let index = groups.firstIndex(where: { $0.objects[0].resource.kind == kind }) {
      groups[index].objects += objects
    } else {
      groups.append(Group(objects: objects, columns: []))
    }
  }

  mutating func miss(_ failure: CommandFailure) {
    missing = CommandFailure(
      failure.code, [missing?.message, failure.message].compactMap { $0 }.joined(separator: "\n"))
  }
}

extension HostSession {
  /// Finds what the selections ask for; objects that are named and not there are told all together.
  func find(_ selections: [ObjectSelection], withColumns: Bool) async throws(CommandFailure)
    -> FoundObjects
  {
    var found = FoundObjects()
    found.areNamed = selections.allSatisfy { !$0.name.isEmpty }
    found.areSpread = selections.contains { $0.namespace.isEmpty }
    for selection in selections {
      // A name of all namespaces is a list, of which some may be called so.
      if selection.name.isEmpty || selection.namespace.isEmpty {
        found.add(try await list(selection).objects)
        continue
      }
      do throws(CommandFailure) {
        found.add([try await get(ObjectReference(selection))])
      } catch {
        guard error.code == .notFound else { throw error }
        found.miss(error)
      }
    }
    guard withColumns else { return found }
    for index in found.groups.indices {
      let kind = found.groups[index].objects[0].resource.kind
      found.groups[index].columns = try await printerColumns(ofKind: kind)
    }
    return found
  }
}
