internal import PluginProto
internal import TTRPC

extension CommandTable {
  static let pause = resourceCommand(
    "pause", HostV1.Host.pause, done: "paused",
    summary: "freeze an object in place: nothing is planned or carried out until resume",
    example: "Hold a node while somebody looks at it")

  static let resume = resourceCommand(
    "resume", HostV1.Host.resume, done: "resumed", summary: "let a paused object go on",
    example: "Go on where it was paused")

  static let cancel = resourceCommand(
    "cancel", HostV1.Host.cancel, done: "is cancelled",
    summary:
      "stop the plan in flight and undo what it did; none is made until the spec changes, or "
      + "replan asks for one",
    example: "Stop a plan that should not have begun")

  static let replan = resourceCommand(
    "replan", HostV1.Host.replan, done: "is planned anew",
    summary: "cancel the plan in flight, without reverting, and plan anew",
    example: "Get rid of a plan that can't succeed")

  private static func resourceCommand(
    _ name: String, _ method: Method<HostV1.ResourceRequest, HostV1.ResourceReply>, done: String,
    summary: String, example: String
  ) -> Command {
    Command(
      name: name, summary: summary,
      positionals: [ObjectReference.kindArgument, ObjectReference.nameArgument],
      options: [ObjectReference.namespaceOption],
      examples: [Command.Example("mortise \(name) statefulnode redis", example)],
      action: .onLoop { invocation, link throws(CommandFailure) in
        let reference = try ObjectReference(invocation, command: name)
        let object = try await link.connect().act(method, on: reference)
        try invocation.console.print("\(object.shortName) \(done)")
        return .ok
      })
  }
}
