internal import Diagnostics
public import JSON
internal import PluginSupervision
internal import Storage

extension HostSettings {
  /// A mortise.yaml that says all of it, defaults included: what `mortise config show` prints.
  ///
  /// - Invariant: read as a configuration it comes to the same settings (guarded by
  ///   `HostConfigurationTests`).
  public var document: JSONValue {
    let limits = StoreLimits()
    var log = JSONObject([("level", .string(logLevel.name))])
    // Without a format it depends on where standard error goes.
    if let logFormat { log["format"] = logFormat == .json ? "json" : "text" }
    return [
      "state": .string(stateDirectory), "plugins": .string(pluginDirectory),
      "socket": .string(socketPath), "log": .object(log),
      "stop": ["grace": .string(Self.text(stopGrace))],
      "external": [
        "acceptance": .string(Self.text(externalAcceptance ?? PluginPatience().acceptance))
      ],
      "store": [
        "size": .string(Self.text(bytes: storeBytesMax ?? limits.fileBytes)),
        "history": .integer(Int64(storeHistory ?? limits.history)),
        "watches": .integer(Int64(storeWatches ?? limits.watches)),
      ],
    ]
  }

  private static func text(_ duration: Duration) -> String {
    let milliseconds = Int64(duration / .milliseconds(1))
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  private static func text(bytes: Int64) -> String {
    for (unit, factor) in [
      ("Ti", Int64(1) << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10),
    ]
    where bytes % factor == 0 {
      return "\(bytes / factor)\(unit)"
    }
    return String(bytes)
  }
}
