internal import Model
internal import PluginProto
internal import TTRPC

extension CommandTable {
  private static let taskOption = Option(
    "task", .text("TASK"), "What a plugin wrote while it carried out this task of the object")
  private static let processOption = Option(
    "process", .text("PROCESS"), "One process of a node: POD/CONTAINER, or a part that is enough")
  private static let pluginOption = Option("plugin", .text("PLUGIN"), "The log of a plugin")
  private static let followOption = Option(
    flag: "follow", short: "f", "Go on with what is written from now on, until interrupted")
  private static let sinceOption = Option(
    "since", .duration, "Only what was written that long ago, or later")

  static let logs = Command(
    name: "logs",
    summary: "print the log of a node's processes, of a task, or of a plugin",
    details: [
      "Without --task and --process it is the log of all processes of the object, each line with "
        + "whose it is. A task is one of the plan in flight, or of the last one; a plugin is called by "
        + "its name, or a version of it by NAME@VERSION.",
      "Lines of a plugin begin with the moment at which they were written. Those of processes are as "
        + "they were written: --since takes them by the second, and of what was there before their "
        + "driver started, by the last of it. The host's own log is on its standard error.",
    ],
    positionals: [
      Positional("KIND", .optional, ObjectReference.kindArgument.summary),
      Positional("NAME", .optional, ObjectReference.nameArgument.summary),
    ],
    options: [
      ObjectReference.namespaceOption, taskOption, processOption, pluginOption, followOption,
      sinceOption,
    ],
    examples: [
      Command.Example("mortise logs statefulnode redis -f", "What do its processes write?"),
      Command.Example(
        "mortise logs statefulnode redis --process sidecar --since 5m", "One of them"),
      Command.Example("mortise logs statefulnode redis --task mark-ready", "Why did it fail?"),
      Command.Example("mortise logs --plugin workload -f", "What does a plugin do?"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      try await printLogs(try logsRequest(invocation), invocation, link)
      return .ok
    })

  static let pluginsLogs = Command(
    name: "plugins logs",
    summary: "print what a plugin wrote to stdout and stderr",
    details: [
      "The same as logs --plugin: each line begins with the moment at which it was written."
    ],
    positionals: [
      Positional("PLUGIN", .required, "NAME, or NAME@VERSION for one of its versions")
    ],
    options: [followOption, sinceOption],
    examples: [
      Command.Example("mortise plugins logs workload --since 10m", "What did it write lately?"),
      Command.Example("mortise plugins logs workload -f", "What does it do?"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      var request = extent(invocation)
      request.plugin = invocation.arguments.positionals.first ?? ""
      try await printLogs(request, invocation, link)
      return .ok
    })

  /// From when on, and whether what comes is printed, too.
  private static func extent(_ invocation: Invocation) -> HostV1.LogsRequest {
    var request = HostV1.LogsRequest()
    request.follow = invocation.arguments.has(followOption)
    if let since = invocation.arguments.duration(sinceOption) {
      request.sinceUnixMS =
        invocation.surroundings.now().milliseconds - Int64(since / .milliseconds(1))
    }
    return request
  }

  private static func logsRequest(_ invocation: Invocation) throws(CommandFailure)
    -> HostV1.LogsRequest
  {
    let arguments = invocation.arguments
    var request = extent(invocation)
    request.task = arguments.value(taskOption) ?? ""
    request.process = arguments.value(processOption) ?? ""
    request.plugin = arguments.value(pluginOption) ?? ""
    let chosen = [request.task, request.process, request.plugin].filter { !$0.isEmpty }
    guard chosen.count <= 1 else {
      throw CommandFailure(
        .usage,
        "mortise logs: --task, --process and --plugin exclude each other. "
          + "See: mortise help logs")
    }
    guard request.plugin.isEmpty else {
      if let word = arguments.positional(0) {
        throw CommandFailure(
          .usage,
          "mortise logs: either --plugin or an object, not both (\"\(word)\"). "
            + "See: mortise help logs")
      }
      return request
    }
    request.name = try ObjectReference(invocation, command: "logs").message
    return request
  }

  /// Prints until the log ends; one that is followed goes on when the host comes back.
  private static func printLogs(
    _ request: HostV1.LogsRequest, _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) {
    let isOfSeveral = request.task.isEmpty && request.process.isEmpty
    var isEmpty = true
    var request = request
    var patient = link
    while true {
      let session = try await patient.connect()
      defer { session.client.close() }
      do throws(CommandFailure) {
        try await copy(
          try await session.logs(request), session, invocation.console, isOfSeveral,
          noteText: { isEmpty = false })
        if isEmpty { invocation.console.complain("nothing that was written is kept") }
        return
      } catch {
        guard error.code == .unreachable, request.follow else { throw error }
        invocation.console.complain("the host went away; waiting for it to come back")
        request.sinceUnixMS = invocation.surroundings.now().milliseconds
        patient.patience = ObjectFeed.patience
        patient.mayBeAbsent = true
      }
      do {
        try await link.loop.sleep(for: ObjectFeed.firstRetryDelay)
      } catch {
        throw CommandFailure(.interrupted, "mortise: interrupted")
      }
    }
  }

  private static func copy(
    _ stream: ResponseStream<HostV1.LogChunk>, _ session: HostSession, _ console: Console,
    _ isOfSeveral: Bool, noteText: () -> Void
  ) async throws(CommandFailure) {
    var chunks = stream.makeAsyncIterator()
    while true {
      let chunk: HostV1.LogChunk?
      do throws(RPCError) {
        chunk = try await chunks.next()
      } catch {
        throw session.failure(error, about: nil)
      }
      guard let chunk else { return }
      noteText()
      let text = String(decoding: chunk.text, as: UTF8.self)
      if isOfSeveral, !chunk.source.isEmpty {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
          try console.print("\(chunk.source): \(line)")
        }
      } else {
        try console.write(text)
      }
    }
  }
}
