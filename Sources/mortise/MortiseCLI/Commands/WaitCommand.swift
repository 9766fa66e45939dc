internal import Model

extension CommandTable {
  private static let forOption = Option(
    "for", .text("GOAL"),
    "phase=PHASE, condition=TYPE (or condition=TYPE=False), steady, or delete")

  static let wait = Command(
    name: "wait",
    summary: "wait until an object reaches a phase or a condition, or is gone",
    details: [
      "steady means that the object's present spec is carried out: its plan completed, or there is "
        + "nothing to plan. It ends with exit status 1 as soon as the plan failed; phase and "
        + "condition go on waiting, since a failed plan is tried again."
    ],
    positionals: [ObjectReference.kindArgument, ObjectReference.nameArgument],
    options: [forOption.required, timeoutOption, ObjectReference.namespaceOption],
    examples: [
      Command.Example(
        "mortise wait statefulnode redis --for=phase=Running --timeout 60s", "Until it runs"),
      Command.Example("mortise wait statefulnode redis --for=delete", "Until it is gone"),
      Command.Example(
        "mortise wait statefulnode/redis --for=condition=SidecarReady",
        "Until a condition is true"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let reference = try ObjectReference(invocation, command: "wait")
      let text = invocation.arguments.value(forOption) ?? ""
      var goal = try parseGoal(text)
      if text == "steady" {
        let object = try await link.asking { session throws(CommandFailure) in
          try await session.get(reference)
        }
        goal = .steady(generation: object.resource.metadata.generation)
      }
      try await Follower(
        link: link, board: ProgressBoard(invocation.surroundings),
        timeout: invocation.arguments.duration(timeoutOption)
      ).follow([Follower.Pursuit(reference: reference, goal: goal)])
      return .ok
    })

  /// - Throws: exit code 2 for anything that isn't a goal.
  static func parseGoal(_ text: String) throws(CommandFailure) -> Goal {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count) {
    case ("delete", 1): return .deleted
    case ("steady", 1): return .steady(generation: 0)
    case ("phase", 2) where !parts[1].isEmpty: return .phase(parts[1])
    case ("condition", 2) where !parts[1].isEmpty:
      return .condition(type: parts[1], status: .isTrue)
    case ("condition", 3):
      guard let status = Condition.Status(rawValue: parts[2]), !parts[1].isEmpty else { break }
      return .condition(type: parts[1], status: status)
    default: break
    }
    throw CommandFailure(
      .usage,
      "mortise wait: --for=\(text) is no goal; it is phase=PHASE, condition=TYPE, "
        + "condition=TYPE=True|False|Unknown, steady or delete. See: mortise help wait")
  }
}
