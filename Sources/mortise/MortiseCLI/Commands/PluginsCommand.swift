internal import JSON
internal import Model
internal import PluginProto

extension CommandTable {
  static let plugins = Command(
    name: "plugins",
    summary: "list the host's plugins, their state and what they carry out",
    details: [
      "BUSY counts the calls that wait for an answer, TASKS the tasks of stored plans that a version "
        + "began. The version with a * takes new work."
    ],
    options: [OutputFormat.option],
    examples: [
      Command.Example("mortise plugins", "Is every plugin ready?"),
      Command.Example(
        "mortise plugins -o wide", "How fast they answer, and their task types and digests, too"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let format = try OutputFormat(invocation.arguments)
      let plugins = try await link.asking { session throws(CommandFailure) in
        try await session.plugins()
      }
      if let document = format.document(.array(plugins.map(\.document))) {
        try invocation.console.write(document)
      } else if format == .name {
        for plugin in plugins { try invocation.console.print(plugin.name) }
      } else {
        try show(plugins, isWide: format == .wide, invocation)
      }
      return .ok
    })

  static let pluginsDescribe = Command(
    name: "plugins describe",
    summary: "show all that is known of a plugin, its grants, its limits and what it offers",
    positionals: [pluginArgument],
    examples: [Command.Example("mortise plugins describe workload", "What may it do?")],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let name = invocation.arguments.positionals.first ?? ""
      let reply = try await link.asking { session throws(CommandFailure) in
        try await session.describePlugin(name)
      }
      for (plugin, details) in zip(reply.plugins, reply.details) {
        var object = plugin.document.object ?? JSONObject()
        let more: JSONValue = try .sent(details)
        for member in more.object?.members ?? [] { object[member.name] = member.value }
        try invocation.console.write(YAMLWriter.document(.object(object)))
      }
      return .ok
    })

  private static func show(
    _ plugins: [HostV1.PluginStatus], isWide: Bool, _ invocation: Invocation
  ) throws(CommandFailure) {
    guard !plugins.isEmpty else {
      invocation.console.complain("no plugins found")
      return
    }
    let now = invocation.surroundings.now()
    var titles = ["NAME", "VERSION", "STATE", "PID", "UP", "RESTARTS", "BUSY", "TASKS"]
    titles +=
      isWide ? ["CALLS", "P50", "P99", "TYPES", "INTENTS", "DIGEST", "MESSAGE"] : ["MESSAGE"]
    var table = TextTable(titles)
    for plugin in plugins {
      let isUp = plugin.pid > 0 && plugin.startedUnixMS > 0
      var row = [
        plugin.name, plugin.version + (plugin.serving ? "*" : ""), plugin.state,
        plugin.pid == 0 ? "-" : String(plugin.pid),
        ElapsedText.age(
          of: isUp ? Timestamp(milliseconds: plugin.startedUnixMS) : nil, at: now),
        String(plugin.restarts), String(plugin.inFlight), String(plugin.references),
      ]
      if isWide {
        row += [
          String(plugin.calls), "\(plugin.p50Us)us", "\(plugin.p99Us)us",
          plugin.taskTypes.joined(separator: ","), plugin.intentKinds.joined(separator: ","),
          plugin.digest,
        ]
      }
      table.append(row + [plugin.message])
    }
    let appearance = Appearance(
      of: invocation.console.output, environment: invocation.surroundings.environment)
    for line in table.lines(fitting: appearance.terminal?.columns) {
      try invocation.console.print(line)
    }
  }
}

extension HostV1.PluginStatus {
  /// For programs.
  var document: JSONValue {
    [
      "name": .string(name), "version": .string(version), "digest": .string(digest),
      "state": .string(state), "pid": .integer(Int64(pid)),
      "startedAt": startedUnixMS == 0
        ? .null : .string(Timestamp(milliseconds: startedUnixMS).description),
      "restarts": .integer(Int64(restarts)), "inFlight": .integer(Int64(inFlight)),
      "references": .integer(Int64(references)), "serving": .bool(serving), "hold": .string(hold),
      "folder": .string(place), "calls": .integer(Int64(clamping: calls)),
      "p50Microseconds": .integer(Int64(clamping: p50Us)),
      "p99Microseconds": .integer(Int64(clamping: p99Us)),
      "taskTypes": .array(taskTypes.map { .string($0) }),
      "intentKinds": .array(intentKinds.map { .string($0) }), "message": .string(message),
    ]
  }
}
