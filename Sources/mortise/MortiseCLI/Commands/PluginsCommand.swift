internal import JSON
internal import Model
internal import PluginProto

extension CommandTable {
  static let plugins = Command(
    name: "plugins",
    summary: "list the host's plugins, their state and what they carry out",
    options: [OutputFormat.option],
    examples: [
      Command.Example("mortise plugins", "Is every plugin ready?"),
      Command.Example("mortise plugins -o wide", "Their task types, digests and messages too"),
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

  private static func show(
    _ plugins: [HostV1.PluginStatus], isWide: Bool, _ invocation: Invocation
  ) throws(CommandFailure) {
    guard !plugins.isEmpty else {
      invocation.console.complain("no plugins found")
      return
    }
    let now = invocation.surroundings.now()
    var titles = ["NAME", "VERSION", "STATE", "PID", "UP", "RESTARTS", "BUSY"]
    titles += isWide ? ["TASKS", "INTENTS", "DIGEST", "MESSAGE"] : ["MESSAGE"]
    var table = TextTable(titles)
    for plugin in plugins {
      let isUp = plugin.pid > 0 && plugin.startedUnixMS > 0
      var row = [
        plugin.name, plugin.version, plugin.state, plugin.pid == 0 ? "-" : String(plugin.pid),
        ElapsedText.age(
          of: isUp ? Timestamp(milliseconds: plugin.startedUnixMS) : nil, at: now),
        String(plugin.restarts), String(plugin.inFlight),
      ]
      if isWide {
        row += [
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
  fileprivate var document: JSONValue {
    [
      "name": .string(name), "version": .string(version), "digest": .string(digest),
      "state": .string(state), "pid": .integer(Int64(pid)),
      "startedAt": startedUnixMS == 0
        ? .null : .string(Timestamp(milliseconds: startedUnixMS).description),
      "restarts": .integer(Int64(restarts)), "inFlight": .integer(Int64(inFlight)),
      "taskTypes": .array(taskTypes.map { .string($0) }),
      "intentKinds": .array(intentKinds.map { .string($0) }), "message": .string(message),
    ]
  }
}
