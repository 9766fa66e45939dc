public import PluginSDK

extension Plugin {
  /// Group membership and key rotation, on any targets whose driver knows the kinds of `GroupKind`.
  public static var groups: Plugin {
    Plugin(
      name: "groups", version: "1.0.0",
      tasks: [AddNodeToGroup(), RemoveNodeFromGroup(), RotateGroupKey()])
  }
}
