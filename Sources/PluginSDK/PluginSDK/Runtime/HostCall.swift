import PluginProto

/// A request that carries the host's call context: every one but Handshake's.
protocol HostCall: ProtoMessage {
  var call: PluginV1.CallContext? { get }
}

extension PluginV1.DescribeRequest: HostCall {}
extension PluginV1.ConfigureRequest: HostCall {}
extension PluginV1.HealthRequest: HostCall {}
extension PluginV1.UpdatesRequest: HostCall {}
extension PluginV1.ShutdownRequest: HostCall {}
extension PluginV1.ValidateRequest: HostCall {}
extension PluginV1.ExpandRequest: HostCall {}
extension PluginV1.ExecuteRequest: HostCall {}
extension PluginV1.CancelRequest: HostCall {}
extension PluginV1.RecoverRequest: HostCall {}
extension PluginV1.RecoveryCompleteRequest: HostCall {}
extension PluginV1.ForgetRequest: HostCall {}
extension PluginV1.DriverRequest: HostCall {}
extension PluginV1.VerifyRequest: HostCall {}
extension PluginV1.CapacityRequest: HostCall {}
extension PluginV1.TargetsRequest: HostCall {}
extension PluginV1.ReadLogRequest: HostCall {}
