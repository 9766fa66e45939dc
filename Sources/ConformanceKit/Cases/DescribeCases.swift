internal import JSON
internal import PluginProto
internal import TTRPC

/// What a plugin says of itself.
extension ConformanceCase {
  private static let capabilities: Set<String> = [
    "revert", "dryRun", "expand", "cancel", "validate",
  ]

  static let describe: [ConformanceCase] = [
    ConformanceCase(
      "describe.manifest", .must, "mortise.plugin.v1", needs: [.manifest],
      why: "A host refuses a program that is not what its plugin.yaml says."
    ) { run in
      let found = try await run.describeAnew()
      try require(
        found.name == run.facts.subject.name && found.version == run.facts.subject.version,
        "Describe says \(found.name) \(found.version), plugin.yaml says "
          + "\(run.facts.subject.name ?? "") \(run.facts.subject.version ?? "")")
    },
    ConformanceCase(
      "describe.versions", .must, "mortise.plugin.v1",
      why: "Blueprints ask for ranges of versions, which only semantic versions can be in."
    ) { run in
      let found = try await run.describeAnew()
      try require(found.name.isEmpty == false, "the plugin has no name")
      for (what, version) in [("the plugin", found.version)]
        + found.taskTypes.map({ ("type \($0.type)", $0.version) })
      {
        try require(
          version.isSemanticVersion, "the version of \(what) is \"\(version)\", not like 1.2.3")
      }
    },
    ConformanceCase(
      "describe.stable", .must, "mortise.plugin.v1",
      why:
        "A host asks on each connection, and must not find another plugin behind the same socket."
    ) { run in
      let first = try await run.describeAnew()
      let second = try await run.describeAnew()
      try require(first == second, "two Describe calls of one process were answered differently")
    },
    ConformanceCase(
      "describe.schemas", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "The host checks params and outputs by the schemas, and can't by what is no JSON."
    ) { run in
      for type in try await run.describeAnew().taskTypes {
        for (what, schema) in [("params", type.paramsSchema), ("outputs", type.outputsSchema)] {
          let value = try? JSONValue(parsing: schema)
          try require(
            schema.isEmpty || value?.object != nil,
            "the \(what) schema of \(type.type) is no JSON object")
        }
      }
    },
    ConformanceCase(
      "describe.unique-types", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "Of two types of one name nobody knows which one a blueprint means."
    ) { run in
      let names = try await run.describeAnew().taskTypes.map(\.type)
      try require(!names.contains(""), "a task type has no name")
      try require(Set(names).count == names.count, "two task types have one name: \(names)")
    },
    ConformanceCase(
      "describe.acts", .must, "mortise.plugin.v1", needs: [.tasks],
      why: "Whether a type acts on the world decides how the host recovers, shows and undoes it."
    ) { run in
      for type in try await run.describeAnew().taskTypes {
        try require(
          type.acts == .externally || type.acts == .throughIntents,
          "\(type.type) does not say how it acts")
      }
    },
    ConformanceCase(
      "describe.capabilities", .should, "mortise.plugin.v1", needs: [.tasks],
      why: "A capability that no host knows is most likely one that is spelled wrong."
    ) { run in
      for type in try await run.describeAnew().taskTypes {
        let unknown = Set(type.capabilities).subtracting(capabilities)
        try require(
          unknown.isEmpty,
          "\(type.type) has capabilities that nobody knows: \(unknown.sorted()); "
            + "known are \(capabilities.sorted())")
      }
    },
    ConformanceCase(
      "describe.health", .must, "mortise.plugin.v1",
      why: "An operator is shown the status, and \"unspecified\" is none."
    ) { run in
      let status = try await run.connect().health().status
      try require(
        status == .serving || status == .degraded, "Health says \(status), which is no status")
    },
    ConformanceCase(
      "describe.no-driver", .must, "mortise.plugin.v1", needs: [.noDriver],
      why: "A plugin that is no driver must say so to whoever takes it for one."
    ) { run in
      let host = try await run.connect()
      try await host.refusal(PluginV1.Drivers.targets, .init(call: host.context))
        .mustBe(.unimplemented, for: "Targets of a plugin that is no driver")
    },
  ]
}

extension CaseRun {
  fileprivate func describeAnew() async throws -> PluginV1.DescribeReply {
    let host = try await connect()
    return try await host.call(PluginV1.Plugin.describe, .init(call: host.context))
  }
}

extension String {
  /// MAJOR.MINOR.PATCH of digits, with whatever follows a - or +.
  fileprivate var isSemanticVersion: Bool {
    let core = prefix { $0 != "-" && $0 != "+" }
    let parts = core.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && parts.allSatisfy { UInt64($0).map { "\($0)" } == String($0) }
  }
}
