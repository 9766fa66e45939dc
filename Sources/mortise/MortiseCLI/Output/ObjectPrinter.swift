internal import JSON
internal import Model

/// Prints objects as `-o` says.
struct ObjectPrinter: Sendable {
  private let format: OutputFormat
  private let console: Console
  private let appearance: Appearance
  private let now: @Sendable () -> Timestamp

  init(_ format: OutputFormat, _ invocation: Invocation) {
    self.format = format
    console = invocation.console
    appearance = Appearance(
      of: invocation.console.output, environment: invocation.surroundings.environment)
    now = invocation.surroundings.now
  }

  /// Prints what was found: one object that was named as it is, everything else as a list.
  func print(_ found: FoundObjects) throws(CommandFailure) {
    let objects = found.groups.flatMap(\.objects)
    switch format {
    case .json, .yaml:
      if found.areNamed, objects.isEmpty { return }
      let list: JSONValue = ["kind": "List", "items": .array(objects.map(\.document))]
      let isOne = found.areNamed && objects.count == 1
      try console.write(format.document(isOne ? objects[0].document : list) ?? "")
    case .path, .name:
      for object in objects { try print(object) }
    case .table, .wide:
      for (index, group) in found.groups.enumerated() {
        if index > 0 { try console.print("") }
        let layout = layout(
          group.objects, group.columns, showsNamespace: found.areSpread,
          showsKind: found.groups.count > 1)
        let table = layout.table(group.objects, at: now())
        for line in table.lines(fitting: appearance.terminal?.columns) { try console.print(line) }
      }
    }
  }

  private func print(_ object: HostObject) throws(CommandFailure) {
    if format == .name {
      try console.print(object.shortName)
    } else {
      try console.write(format.document(object.document) ?? "")
    }
  }

  private func layout(
    _ objects: [HostObject], _ columns: [PrinterColumn], showsNamespace: Bool, showsKind: Bool
  ) -> TableLayout {
    TableLayout(
      kind: objects.first?.resource.kind ?? "", columns: columns, isWide: format == .wide,
      showsNamespace: showsNamespace, showsKind: showsKind)
  }

  /// A list that goes on.
  struct Rows {
    fileprivate let printer: ObjectPrinter
    fileprivate let table: TableLayout
    fileprivate let layout: TextTable.Layout

    /// One more row, document or name; a deleted object is told by its name.
    func print(_ object: HostObject, isDeleted: Bool) throws(CommandFailure) {
      let isTable = printer.format == .table || printer.format == .wide
      if isTable, isDeleted {
        try printer.console.print("\(object.name) deleted")
      } else if isTable {
        try printer.console.print(
          layout.line(table.row(object, at: printer.now()), isCut: false))
      } else if !isDeleted {
        if printer.format == .yaml { try printer.console.print("---") }
        try printer.print(object)
      }
    }
  }

  /// Prints what is there at first; the columns then stay as wide as these need.
  func begin(_ objects: [HostObject], _ columns: [PrinterColumn], showsNamespace: Bool)
    throws(CommandFailure) -> Rows
  {
    let table = layout(objects, columns, showsNamespace: showsNamespace, showsKind: false)
    let first = table.table(objects, at: now())
    let rows = Rows(
      printer: self, table: table, layout: first.layout(fitting: appearance.terminal?.columns))
    if format == .table || format == .wide {
      for line in first.lines(fitting: appearance.terminal?.columns) { try console.print(line) }
    } else {
      for object in objects { try rows.print(object, isDeleted: false) }
    }
    return rows
  }
}
