internal import JSON
internal import Model

extension CommandTable {
  static let why = Command(
    name: "why",
    summary: "say what an object waits for, since when, and what will wake it",
    details: [
      "Of a failed one it says which task failed, with which error, and what to do next. A name "
        + "alone is enough where one kind has an object of it."
    ],
    positionals: [
      Positional("OBJECT", .required, "Its kind, KIND/NAME, or the name alone"),
      Positional("NAME", .optional, "The object's name"),
    ],
    options: [ObjectReference.namespaceOption, documentOption],
    examples: [
      Command.Example("mortise why redis", "What is it waiting for?"),
      Command.Example("mortise why statefulnode redis -o json", "The same for a program"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let format = try OutputFormat(invocation.arguments)
      let document = try await link.asking { session throws(CommandFailure) in
        try await session.why(try await session.resolve(ObjectSelection(invocation)))
      }
      if let text = format.document(document) {
        try invocation.console.write(text)
        return .ok
      }
      let surroundings = invocation.surroundings
      let appearance = Appearance(
        of: surroundings.console.output, environment: surroundings.environment)
      let text = ExplanationText(
        explanation: try document.mapped(), appearance: appearance, now: surroundings.now())
      for line in text.lines { try surroundings.console.print(line) }
      return .ok
    })

  /// `-o` of commands that show one thing.
  static let documentOption = Option(
    "output", short: "o", .choice(["json", "yaml"]), "Print it as it is, for a program")
}

extension HostSession {
  /// Kinds whose objects nobody asks about by their name alone.
  static let secondary: Set<String> = [Intent.kind, Blueprint.kind, Event.kind, Claim.kind]

  /// The object that is meant: where only a name is given, the one that is called so.
  ///
  /// - Throws: exit code 4 where none is, 2 where several are.
  func resolve(_ selection: ObjectSelection) async throws(CommandFailure) -> ObjectReference {
    guard selection.name.isEmpty else { return ObjectReference(selection) }
    let name = selection.kind
    let namespace = selection.namespace.isEmpty ? "default" : selection.namespace
    let found = try await list(ObjectSelection(kind: "", namespace: namespace)).objects.filter {
      $0.name == name && !Self.secondary.contains($0.resource.kind)
    }
    guard let first = found.first else {
      throw CommandFailure(
        .notFound,
        "mortise: nothing in namespace \"\(namespace)\" is called \"\(name)\"; "
          + "name its kind: KIND/NAME")
    }
    guard found.count == 1 else {
      let names = found.map(\.shortName).joined(separator: ", ")
      throw CommandFailure(.usage, "mortise: several are called \"\(name)\": \(names)")
    }
    return first.resource.reference
  }
}
