internal import JSON
internal import Model
internal import PluginProto
internal import Rollout

/// What a person asks of a rollout.
extension CommandTable {
  private static let revisionOption = Option(
    "revision", .text("NUMBER"), "Which one; the one before where not given")

  static let rolloutPause = Command(
    name: "rollout pause",
    summary: "keep what runs, and start nothing new until resume",
    positionals: [rolloutArgument], options: [ObjectReference.namespaceOption],
    examples: [Command.Example("mortise rollout pause shop", "Look at it before it goes on")],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let object = try await link.connect().act(
        HostV1.Host.pause, on: rolloutReference(invocation))
      try invocation.console.print("\(object.shortName) paused")
      return .ok
    })

  static let rolloutResume = control(
    "resume", .resume, done: "resumed",
    summary:
      "go on: after a pause, behind the canaries, or after the policy pause ended an attempt",
    details: "After the policy pause it begins the next attempt, over the unfinished children.",
    example: "The canaries are well; the others may follow")

  static let rolloutRetry = control(
    "retry", .retry, done: "is tried again",
    summary: "begin the next attempt, over the unfinished children of one that ended",
    details: "What is complete at the revision is left alone. An attempt that goes on, or is "
      + "complete, is refused.",
    example: "Once the cause is mended")

  static let rolloutUndo = control(
    "undo", .undo, done: "goes back",
    summary: "ask for the template before this one, or that of a revision, again",
    options: [revisionOption], example: "Back to what was there before")

  private static func control(
    _ verb: String, _ action: HostV1.RolloutAction, done: String, summary: String,
    details: String? = nil, options: [Option] = [], example: String
  ) -> Command {
    Command(
      name: "rollout \(verb)", summary: summary, details: details.map { [$0] } ?? [],
      positionals: [rolloutArgument], options: options + [ObjectReference.namespaceOption],
      examples: [Command.Example("mortise rollout \(verb) shop", example)],
      action: .onLoop { invocation, link throws(CommandFailure) in
        let reference = rolloutReference(invocation)
        var request = HostV1.ControlRolloutRequest(name: reference.message, action: action)
        if let text = invocation.arguments.value(revisionOption) {
          guard let revision = Int64(text), revision > 0 else {
            throw CommandFailure(
              .usage,
              "mortise rollout \(verb): --revision=\(text) is no number of a revision; see: "
                + "mortise rollout history \(reference.name)")
          }
          request.revision = revision
        }
        let object = try await link.connect().control(request, reference)
        try invocation.console.print("\(object.shortName) \(done)")
        return .ok
      })
  }

  static let rolloutHistory = Command(
    name: "rollout history",
    summary: "list a rollout's attempts, or show the template of a revision",
    positionals: [rolloutArgument],
    options: [revisionOption, ObjectReference.namespaceOption],
    examples: [
      Command.Example("mortise rollout history shop", "What was tried, and how it ended"),
      Command.Example("mortise rollout history shop --revision 2", "What undo would go back to"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let reference = rolloutReference(invocation)
      let object = try await link.asking { session throws(CommandFailure) in
        try await session.get(reference)
      }
      let reading = try RolloutReading(object.resource)
      if let text = invocation.arguments.value(revisionOption) {
        guard let template = Int64(text).flatMap({ reading.status.template($0) }) else {
          let kept = reading.status.revisions.map { String($0.number) }.joined(separator: ", ")
          throw CommandFailure(
            .notFound, "mortise: revision \(text) is not kept; kept: \(kept)")
        }
        try invocation.console.write(YAMLWriter.document(template.json))
        return .ok
      }
      let columns = Appearance(
        of: invocation.console.output, environment: invocation.surroundings.environment
      ).terminal?.columns
      for line in history(reading, at: invocation.surroundings.now()).lines(fitting: columns) {
        try invocation.console.print(line)
      }
      return .ok
    })

  static func history(_ reading: RolloutReading, at now: Timestamp) -> TextTable {
    var table = TextTable([
      "ATTEMPT", "REVISION", "STATE", "ON-FAILURE", "COMPLETE", "FAILED", "TOOK", "DETAIL",
    ])
    if let attempt = reading.status.attempt, !attempt.state.isTerminal {
      table.append([
        String(attempt.number), String(attempt.revision), reading.state, attempt.onFailure.text,
        reading.progress, reading.resource.status.fields["children"]?["failed"]?.description ?? "0",
        ElapsedText.describe(now - attempt.startedAt), attempt.detail,
      ])
    }
    for attempt in reading.status.attempts {
      table.append([
        String(attempt.number), String(attempt.revision), attempt.state.rawValue.lowercased(),
        attempt.onFailure.text, "\(attempt.complete)/\(attempt.replicas)", String(attempt.failed),
        ElapsedText.describe(attempt.completedAt - attempt.startedAt), attempt.detail,
      ])
    }
    return table
  }
}
