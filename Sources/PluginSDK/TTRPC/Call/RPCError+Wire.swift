internal import PluginProto

/// How errors travel: google.rpc.Status with one google.rpc.ErrorInfo.
extension RPCError {
  private static let errorInfoURL = "type.googleapis.com/google.rpc.ErrorInfo"
  private static let domain = "mortise"

  /// The error in a response, nil where its status is OK or absent.
  init?(_ status: RPCStatus.Status?) {
    guard let status, status.code != RPCCode.ok.rawValue else { return nil }
    let info = status.details.first { $0.typeURL == Self.errorInfoURL }
    // A detail that can't be read takes nothing from the code and the message.
    let reason = info.flatMap { try? RPCStatus.ErrorInfo(serialized: $0.value).reason }
    self.init(
      RPCCode(rawValue: status.code) ?? .unknown, reason: reason ?? "", message: status.message)
  }

  var status: RPCStatus.Status {
    var details: [RPCStatus.`Any`] = []
    if !reason.isEmpty {
      let info = RPCStatus.ErrorInfo(reason: reason, domain: Self.domain)
      details = [RPCStatus.`Any`(typeURL: Self.errorInfoURL, value: info.serialized())]
    }
    return RPCStatus.Status(code: code.rawValue, message: message, details: details)
  }
}
