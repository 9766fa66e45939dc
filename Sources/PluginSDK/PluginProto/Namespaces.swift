/// The ttrpc 1.2 envelope, `ttrpc.proto`.
public enum TTRPCProto {}

/// The error details that travel in an envelope, `google/rpc/status.proto`.
public enum RPCStatus {}

/// Major 1 of what the host asks of a plugin, `mortise/plugin/v1`.
public enum PluginV1 {
  /// Abilities within the major that Handshake agrees on, by name.
  public enum Feature {
    /// A TaskUpdate names the step that it is of.
    public static let updateStep = "update-step"
  }
}

/// Major 1 of the host's own API, `mortise/host/v1`.
public enum HostV1 {}
