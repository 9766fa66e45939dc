public import PluginSDK

extension Plugin {
  /// Volumes, stateful workloads and services, on any target whose driver knows them.
  public static var workload: Plugin {
    Plugin(
      name: "workload", version: "1.0.0",
      tasks: [
        EnsureDataPVC(), ApplyStatefulSet(), ApplyService(), ReplacePod(), ObserveImage(),
      ])
  }
}
