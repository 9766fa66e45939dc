import JSON

/// The spec of a StatefulSet intent: one server, held back by its sidecar until it is armed.
struct StatefulSetTemplate {
  static let serverName = "server"
  static let sidecarName = "sidecar"
  static let configAnnotation = "mortise.dev/config"
  static let volumeName = "data"

  /// Asked only until the sidecar is armed, by a plan that waits for it.
  static let startupPeriodMilliseconds: Int64 = 100
  static let readinessPeriodMilliseconds: Int64 = 500

  private let params: ApplyStatefulSet.Params
  /// NAMESPACE/NAME of the volume claim.
  private let claim: String

  init(_ params: ApplyStatefulSet.Params, claim: String) {
    self.params = params
    self.claim = claim
  }

  var spec: JSONValue {
    var template = JSONObject()
    if let config = params.config {
      template["annotations"] = [Self.configAnnotation: .string(config.sorted.description)]
    }
    template["initContainers"] = [.object(sidecar)]
    template["containers"] = [.object(server)]
    return [
      "replicas": .integer(Int64(params.replicas ?? 1)),
      "updateStrategy": "OnDelete",
      "template": .object(template),
      "volumes": [Self.volumeName: .string(claim)],
    ]
  }

  /// A sidecar in Kubernetes' sense: it starts first, and its startup probe holds the server back.
  private var sidecar: JSONObject {
    let port = Int64(params.sidecar.port)
    var variables: [(String, String?)] = [
      ("SIDECAR_PORT", String(port)), ("STATE_DIR", "$(SHARED_DIR)/sidecar"),
    ]
    variables += [
      ("CONFIG_FILE", params.sidecar.configFile), ("CONFIG_FORMAT", params.sidecar.configFormat),
      ("VALIDATE_COMMAND", params.sidecar.validateCommand),
    ]
    func probe(_ path: String, every milliseconds: Int64) -> JSONValue {
      [
        "httpGet": ["path": .string(path), "port": .integer(port)],
        "periodMilliseconds": .integer(milliseconds),
      ]
    }
    return JSONObject([
      ("name", .string(Self.sidecarName)), ("image", .string(params.sidecar.image)),
      ("restartPolicy", "Always"), ("env", environment(variables)),
      ("startupProbe", probe("/v0/startz", every: Self.startupPeriodMilliseconds)),
      ("readinessProbe", probe("/v0/readyz", every: Self.readinessPeriodMilliseconds)),
    ])
  }

  private var server: JSONObject {
    var container = JSONObject([
      ("name", .string(Self.serverName)), ("image", .string(params.image)),
    ])
    container["command"] = params.command.map { .array($0.map { .string($0) }) }
    container["args"] = params.args.map { .array($0.map { .string($0) }) }
    let configFile = [("CONFIG_FILE", params.sidecar.configFile)]
    container["env"] = environment(configFile + (params.env ?? []).map { ($0.name, $0.value) })
    container["readinessProbe"] = [
      "tcpSocket": ["port": .integer(Int64(params.port))],
      "periodMilliseconds": .integer(Self.readinessPeriodMilliseconds),
    ]
    return container
  }

  /// Leaves out what has no value.
  private func environment(_ variables: [(name: String, value: String?)]) -> JSONValue {
    .array(
      variables.compactMap { variable in
        variable.value.map { ["name": .string(variable.name), "value": .string($0)] }
      })
  }
}

extension JSONValue {
  /// With the members of all objects in the order of their names: equal values, equal texts.
  fileprivate var sorted: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.sorted))
    case .object(let object):
      .object(
        JSONObject(
          object.members.sorted { $0.name < $1.name }.map { ($0.name, $0.value.sorted) }))
    default: self
    }
  }
}
