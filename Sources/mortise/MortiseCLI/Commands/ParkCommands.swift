internal import JSON
internal import Model
internal import PluginProto
internal import TTRPC

/// Keeping tasks from being delivered, and letting them go on.
extension CommandTable {
  private static let scopeArgument = Positional(
    "SCOPE", .required, "all, plugin, task-type or task")
  private static let subjectArgument = Positional(
    "SUBJECT", .optional,
    "Which: NAME or NAME@VERSION of a plugin, a task type, or KIND/NAME/TASK of a task")
  private static let parkNoteOption = Option(
    "note", .text("TEXT"), "Why, for whoever looks later; kept with the hold")

  static let park = parkCommand(
    "park", isHeld: true,
    summary: "keep tasks from being delivered until they are unparked",
    details: "What a plugin works on already goes on; what comes next waits, without failing and "
      + "without time running out. Holds over restarts of the host.",
    options: [parkNoteOption])

  static let unpark = parkCommand(
    "unpark", isHeld: false, summary: "let parked tasks go on")

  static let holds = Command(
    name: "holds", summary: "list what operators parked, drained and disabled",
    examples: [Command.Example("mortise holds", "Why does nothing go on?")],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let holds = try await link.asking { session throws(CommandFailure) in
        try await session.holds()
      }
      try show(holds, invocation)
      return .ok
    })

  private static func parkCommand(
    _ name: String, isHeld: Bool, summary: String, details: String? = nil, options: [Option] = []
  ) -> Command {
    Command(
      name: name, summary: summary, details: details.map { [$0] } ?? [],
      positionals: [scopeArgument, subjectArgument],
      options: [ObjectReference.namespaceOption] + options,
      examples: [
        Command.Example("mortise \(name) task-type apply-statefulset", "All tasks of a type"),
        Command.Example("mortise \(name) plugin workload@1.1.0", "All tasks of one version"),
        Command.Example(
          "mortise \(name) task statefulnode/cache/observe-image", "One task of one object"),
      ],
      action: .onLoop { invocation, link throws(CommandFailure) in
        var request = try parkRequest(invocation, command: name)
        request.held = isHeld
        request.note = invocation.arguments.value(parkNoteOption) ?? ""
        let session = try await link.connect()
        defer { session.client.close() }
        try show(try await session.park(request), invocation)
        return .ok
      })
  }

  private static func parkRequest(_ invocation: Invocation, command: String)
    throws(CommandFailure) -> HostV1.ParkRequest
  {
    let words = invocation.arguments.positionals
    let subject = words.count > 1 ? words[1] : ""
    func wrong(_ what: String) -> CommandFailure {
      CommandFailure(.usage, "mortise \(command): \(what). See: mortise help \(command)")
    }
    switch words.first {
    case "all": return HostV1.ParkRequest(scope: .all)
    case "plugin" where !subject.isEmpty:
      return HostV1.ParkRequest(scope: .plugin, subject: subject)
    case "task-type" where !subject.isEmpty:
      return HostV1.ParkRequest(scope: .taskType, subject: subject)
    case "task":
      let parts = subject.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3 else { throw wrong("a task is named KIND/NAME/TASK") }
      let namespace = invocation.arguments.value(ObjectReference.namespaceOption) ?? ""
      return HostV1.ParkRequest(
        scope: .task, subject: parts[2],
        resource: HostV1.ObjectName(kind: parts[0], namespace: namespace, name: parts[1]))
    case "plugin", "task-type": throw wrong("say which")
    default: throw wrong("\"\(words.first ?? "")\" is none of all, plugin, task-type and task")
    }
  }

  private static func show(
    _ holds: [HostV1.HoldStatus], _ invocation: Invocation
  ) throws(CommandFailure) {
    guard !holds.isEmpty else {
      invocation.console.complain("nothing is held")
      return
    }
    var table = TextTable(["ORDER", "SCOPE", "SUBJECT", "SINCE", "NOTE"])
    let now = invocation.surroundings.now()
    for hold in holds {
      let scope =
        switch hold.scope {
        case .all: "all"
        case .plugin: "plugin"
        case .taskType: "task-type"
        case .task: "task"
        case .unspecified, .unrecognized: "?"
        }
      table.append([
        hold.action, scope, hold.subject.isEmpty ? "-" : hold.subject,
        ElapsedText.age(of: Timestamp(milliseconds: hold.sinceUnixMS), at: now), hold.note,
      ])
    }
    for line in table.lines(fitting: nil) { try invocation.console.print(line) }
  }
}
