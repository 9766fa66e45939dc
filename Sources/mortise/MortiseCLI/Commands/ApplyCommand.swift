internal import JSON
internal import Manifests
internal import PluginProto

extension CommandTable {
  static let dryRunOption = Option(
    flag: "dry-run", "Check everything and say what would happen, but apply nothing")
  static let waitOption = Option(
    flag: "wait", "Follow the work, live, until it is done or failed")
  static let timeoutOption = Option(
    "timeout", .duration, "Give up following after that long; the work goes on")

  static let apply = Command(
    name: "apply",
    summary: "create objects, or change them to what the manifests say",
    details: [
      "All documents of all files are checked first; with a problem in any of them nothing is "
        + "applied, and each problem is told with file, line, column and path."
    ],
    options: [ManifestFiles.option.required, dryRunOption, waitOption, timeoutOption],
    examples: [
      Command.Example("mortise apply -f node.yaml --wait", "Apply and follow until it runs"),
      Command.Example("mortise apply -f manifests/ --dry-run", "Check all files of a directory"),
      Command.Example("generate | mortise apply -f -", "Apply what a program writes"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let applied = try await applyManifests(invocation, link)
      guard invocation.arguments.has(waitOption), !invocation.arguments.has(dryRunOption) else {
        return .ok
      }
      try await Follower(
        link: link, board: ProgressBoard(invocation.surroundings),
        timeout: invocation.arguments.duration(timeoutOption)
      ).follow(applied.compactMap(pursuit))
      return .ok
    })

  /// Applies what `-f` names and prints what became of each document.
  ///
  /// - Throws: exit code 5 with the host's problems, a line each.
  static func applyManifests(_ invocation: Invocation, _ link: HostLink)
    async throws(CommandFailure) -> [HostV1.Applied]
  {
    let isDryRun = invocation.arguments.has(dryRunOption)
    let manifests = try ManifestFiles.read(invocation)
    let reply = try await link.asking { session throws(CommandFailure) in
      try await session.apply(manifests, dryRun: isDryRun)
    }
    guard reply.problems.isEmpty else {
      throw CommandFailure(.refused, reply.problems.map(\.text).joined(separator: "\n"))
    }
    for applied in reply.applied {
      let suffix = isDryRun ? " (dry run)" : ""
      try invocation.console.print("\(applied.reference.shortName) \(applied.action.word)\(suffix)")
    }
    return reply.applied
  }

  /// Nil for objects that no plan carries out.
  static func pursuit(_ applied: HostV1.Applied) -> Follower.Pursuit? {
    guard applied.name?.kind.lowercased() != "blueprint" else { return nil }
    return Follower.Pursuit(
      reference: applied.reference, goal: .steady(generation: Int64(clamping: applied.generation)))
  }
}

extension HostV1.Applied {
  var reference: ObjectReference {
    ObjectReference(
      kind: (name?.kind ?? "").lowercased(), namespace: name?.namespace ?? "",
      name: name?.name ?? "")
  }
}

extension HostV1.ApplyAction {
  fileprivate var word: String {
    switch self {
    case .created: "created"
    case .configured: "configured"
    case .unchanged: "unchanged"
    case .unspecified, .unrecognized: "applied"
    }
  }
}

extension HostV1.Problem {
  /// "node.yaml:12:5: spec.replicas: must be an integer".
  var text: String {
    let position =
      line == 0 ? nil : ManifestPosition(line: Int(line), column: Int(column))
    return ManifestProblem(source: source, position: position, path: path, message: message)
      .description
  }
}

extension ObjectReference {
  /// "statefulnode/redis".
  var shortName: String { "\(kind)/\(name)" }
}
