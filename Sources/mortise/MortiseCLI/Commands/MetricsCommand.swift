internal import PluginProto

extension CommandTable {
  static let metrics = Command(
    name: "metrics",
    summary: "print the host's figures in Prometheus's text format",
    details: [
      "Those of rollouts are read from their stored state: neither a restart of the host nor asking "
        + "twice counts an attempt again. Those of plugins count since the host started.",
      "Nothing listens on the network for this: have a timer write it where a collector reads files.",
    ],
    examples: [
      Command.Example(
        "mortise metrics >mortise.prom", "For the text file collector of Prometheus's node exporter"
      )
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let text = try await link.asking { session throws(CommandFailure) in
        var text = MetricsText()
        text.add(try await session.version())
        text.add(try await session.plugins())
        let rollouts = try await session.list(ObjectSelection(kind: "nodedeployment")).objects
        text.add(
          try rollouts.map { object throws(CommandFailure) in
            try RolloutReading(object.resource)
          })
        return text
      }
      try invocation.console.write(text.text)
      return .ok
    })
}

extension MetricsText {
  fileprivate mutating func add(_ host: HostV1.VersionReply) {
    var info = Family("mortise_info", .gauge, "The host, by its version.")
    info.add(["version": host.version], 1)
    var start = Family(
      "mortise_start_time_seconds", .gauge, "When the host started, since the epoch.")
    start.add([:], host.startedUnixMS / 1000)
    families += [info, start]
  }

  fileprivate mutating func add(_ plugins: [HostV1.PluginStatus]) {
    var ready = Family(
      "mortise_plugin_ready", .gauge, "Whether this version of a plugin answers calls.")
    var restarts = Family(
      "mortise_plugin_restarts_total", .counter, "Starts after the first, since the host started.")
    var calls = Family(
      "mortise_plugin_calls_total", .counter, "Calls answered, since the host started.")
    var inFlight = Family(
      "mortise_plugin_calls_in_flight", .gauge, "Calls that wait for an answer.")
    for plugin in plugins {
      let labels: KeyValuePairs = ["plugin": plugin.name, "version": plugin.version]
      ready.add(labels, plugin.state == "Ready" ? 1 : 0)
      restarts.add(labels, Int64(plugin.restarts))
      calls.add(labels, Int64(clamping: plugin.calls))
      inFlight.add(labels, Int64(plugin.inFlight))
    }
    families += [ready, restarts, calls, inFlight]
  }
}
