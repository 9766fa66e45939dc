internal import Model

extension CommandTable {
  static let describe = Command(
    name: "describe",
    summary: "tell everything about an object: conditions, plan, events, children",
    positionals: [ObjectReference.kindArgument, ObjectReference.nameArgument],
    options: [ObjectReference.namespaceOption],
    examples: [
      Command.Example("mortise describe statefulnode redis", "Why is it not running?")
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let reference = try ObjectReference(invocation, command: "describe")
      let (object, owned) = try await link.asking { session throws(CommandFailure) in
        let object = try await session.get(reference)
        let owned = try await session.list(ObjectSelection(ownedBy: object.resource.metadata.uid))
        return (object, owned)
      }
      let surroundings = invocation.surroundings
      let appearance = Appearance(
        of: surroundings.console.output, environment: surroundings.environment)
      let description = ObjectDescription(
        object: object, owned: owned.objects.filter { $0.resource.kind != Event.kind },
        events: try owned.objects.filter { $0.resource.kind == Event.kind }
          .map { object throws(CommandFailure) in try object.event() },
        columns: appearance.terminal?.columns, now: surroundings.now())
      for line in description.lines { try surroundings.console.print(line) }
      return .ok
    })
}
