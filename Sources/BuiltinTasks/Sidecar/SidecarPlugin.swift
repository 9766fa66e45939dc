public import PluginSDK

extension Plugin {
  /// What is done through the agent beside a server.
  public static var sidecar: Plugin {
    let http = HTTPClient()
    return Plugin(
      name: "sidecar", version: "1.0.0",
      tasks: [
        ConfigApply(http: http), ConfigValidate(http: http), MarkReady(http: http),
        MarkNotReady(http: http),
      ])
  }
}
