internal import Model
internal import Rollout
internal import TTRPC

extension CommandTable {
  static let rolloutArgument = Positional(
    "ROLLOUT", .required, "A NodeDeployment's name; nodedeployment/NAME is understood, too")
  private static let followOption = Option(
    flag: "wait", short: "w",
    "Follow it until it is complete, failed, degraded or paused; see the exit status")
  private static let settledOption = Option(
    flag: "settled", "With --wait: go on past a failure while the others go on")

  static let rolloutStatus = Command(
    name: "rollout status",
    summary: "show a rollout and each of its children",
    details: [
      "With --wait it ends as soon as there is something to act upon. Exit status: 0 complete, 1 "
        + "failed, cancelled or stopped, 6 timed out, 7 running and degraded: a child failed and the "
        + "others go on, or nobody can tell what became of one, 8 paused, by a person or behind the canaries, with nothing under way."
    ],
    positionals: [rolloutArgument],
    options: [followOption, settledOption, timeoutOption, ObjectReference.namespaceOption],
    examples: [
      Command.Example("mortise rollout status shop", "Which children are where?"),
      Command.Example(
        "mortise rollout status shop --wait --timeout 10m", "Until there is something to act upon"),
      Command.Example(
        "mortise rollout status shop --wait --settled", "Until the attempt has ended"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let reference = rolloutReference(invocation)
      let object = try await link.asking { session throws(CommandFailure) in
        try await session.get(reference)
      }
      let reading = try RolloutReading(object.resource)
      let children = try await link.childrenOfRollout(object.resource)
      guard invocation.arguments.has(followOption) else {
        try showOnce(reading, children, invocation)
        return .ok
      }
      let board = RolloutBoard(reading, invocation.surroundings)
      try board.become(children)
      let follower = RolloutFollower(
        link: link, reference: reference, board: board,
        isPatient: invocation.arguments.has(settledOption),
        timeout: invocation.arguments.duration(timeoutOption))
      let code = try await follower.follow(childKind: reading.spec.template.kind)
      guard code != .ok else { return code }
      let last = try await link.asking { session throws(CommandFailure) in
        try await session.get(reference)
      }
      throw CommandFailure(
        code, "mortise: " + (try RolloutReading(last.resource)).explanation(code))
    })

  private static func showOnce(
    _ reading: RolloutReading, _ children: [Resource], _ invocation: Invocation
  ) throws(CommandFailure) {
    var numbered: [Int: RolloutChild] = [:]
    for child in children {
      let name = reading.resource.metadata.name
      guard let ordinal = NodeDeployment.ordinal(ofChild: child.metadata.name, of: name) else {
        continue
      }
      numbered[ordinal] = RolloutChild(
        child, reading.spec.rules, at: invocation.surroundings.now())
    }
    let console = invocation.console
    let appearance = Appearance(
      of: console.output, environment: invocation.surroundings.environment)
    let table = RolloutTable(reading: reading, children: numbered)
    for line in table.lines(appearance) { try console.print(line.rendered(appearance)) }
  }

  static func rolloutReference(_ invocation: Invocation) -> ObjectReference {
    let text = invocation.arguments.positional(0) ?? ""
    let name = text.split(separator: "/", maxSplits: 1).last.map(String.init) ?? text
    return ObjectReference(
      kind: NodeDeployment.kind.lowercased(),
      namespace: invocation.arguments.value(ObjectReference.namespaceOption) ?? "", name: name)
  }
}
