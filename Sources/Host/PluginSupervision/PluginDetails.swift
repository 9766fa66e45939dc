internal import JSON
internal import PluginProto

/// For `mortise plugins describe`.
extension PluginManifest {
  var details: JSONObject {
    var object = JSONObject()
    object["folder"] = .string(folder)
    object["executable"] = .string(executable)
    object["arguments"] = .array(arguments.map { .string($0) })
    object["environment"] = .array(environment.map { .string($0) })
    object["limits"] = .object(limits.details)
    object["grants"] = [
      "intents": .array(grants.intents.map { .string($0) }),
      "targets": .array(grants.targets.map { .string($0) }),
    ]
    object["blueprints"] = .array(blueprints.map { .string($0) })
    return object
  }
}

extension PluginLimits {
  fileprivate var details: JSONObject {
    var object = JSONObject()
    for (name, value) in [
      ("memoryBytes", memory), ("openFiles", openFiles), ("processes", processes),
    ] {
      if let value { object[name] = .integer(Int64(clamping: value)) }
    }
    return object
  }
}

extension PluginV1.DescribeReply {
  var details: JSONValue {
    var object = JSONObject()
    object["taskTypes"] = .array(
      taskTypes.map { type in
        [
          "type": .string(type.type), "version": .string(type.version),
          "acts": .string(type.acts == .throughIntents ? "throughIntents" : "externally"),
          "intentKinds": .array(type.intentKinds.map { .string($0) }),
          "idempotent": .bool(type.idempotent),
          "timeoutMilliseconds": .integer(Int64(type.timeoutMS)),
          "maxConcurrent": .integer(Int64(type.maxConcurrent)),
          "capabilities": .array(type.capabilities.map { .string($0) }),
        ]
      })
    if let driver {
      object["drives"] = .array(
        driver.kinds.map { kind in
          ["kind": .string(kind.kind), "band": .integer(Int64(kind.band))]
        })
    }
    return .object(object)
  }
}
