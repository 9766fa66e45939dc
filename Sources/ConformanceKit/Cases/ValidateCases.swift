internal import JSON
internal import PluginProto
internal import TTRPC

/// Params before anything is done with them.
extension ConformanceCase {
  static let validate: [ConformanceCase] = [
    ConformanceCase(
      "validate.good", .must, "mortise.plugin.v1", needs: [.good],
      why: "A resource whose params are right must not be refused when it is applied."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.types(where: { $1.good != nil }) {
        let reply = try await host.call(
          PluginV1.Tasks.validate, run.task(type).validate(host.context))
        try require(
          reply.problems.isEmpty, "good params of \(type.type) have problems: \(reply.problems)")
      }
    },
    ConformanceCase(
      "validate.bad", .must, "mortise.plugin.v1", needs: [.bad],
      why: "What is told when a resource is applied need not be found out by a plan that fails."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.types(where: { !$1.bad.isEmpty }) {
        for params in run.facts.samples.tasks[type.type]?.bad ?? [] {
          let request = PluginV1.ValidateRequest(
            call: host.context, type: type.type, typeVersion: type.version,
            params: params.serialized())
          let reply = try await host.call(PluginV1.Tasks.validate, request)
          try require(
            !reply.problems.isEmpty, "\(type.type) finds nothing wrong with the bad \(params)")
        }
      }
    },
    ConformanceCase(
      "validate.does-nothing", .must, "mortise.plugin.v1", needs: [.effect],
      why: "A resource is validated before it is accepted, by people who only try."
    ) { run in
      let host = try await run.connect()
      let task = try run.counted()
      _ = try await host.call(PluginV1.Tasks.validate, task.validate(host.context))
      let effects = try task.effects()
      try require(effects == 0, "Validate made \(effects) effects")
    },
    ConformanceCase(
      "validate.unknown-type", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "\"No problems\" about a type that the plugin lacks would let a broken plan begin."
    ) { run in
      let host = try await run.connect()
      try await host.refusal(
        PluginV1.Tasks.validate,
        .init(call: host.context, type: "no-such-type", params: [123, 125])
      ).mustBe(.unimplemented, for: "Validate of an unknown task type")
    },
    ConformanceCase(
      "validate.required-params", .must, "mortise.plugin.v1", needs: [.good],
      why: "The schema says which params are required, and the plugin must not go on without them."
    ) { run in
      let host = try await run.connect()
      for type in run.facts.types(where: { $1.good != nil }) {
        let task = try run.task(type)
        for name in type.requiredParams {
          guard var params = try JSONValue(parsing: task.params).object else { continue }
          params[name] = nil
          let reply = try await host.call(
            PluginV1.Tasks.validate, task.with(params: .object(params)).validate(host.context))
          try require(
            !reply.problems.isEmpty, "\(type.type) finds nothing wrong with params without \(name)")
        }
      }
    },
  ]
}

extension PluginV1.TaskTypeDescription {
  /// Names that the params' schema requires.
  fileprivate var requiredParams: [String] {
    let schema = try? JSONValue(parsing: paramsSchema)
    return (schema?["required"]?.array ?? []).compactMap(\.string)
  }
}
