internal import JSON
internal import Manifests
internal import PluginProto

extension CommandTable {
  static let delete = Command(
    name: "delete",
    summary: "delete an object, or those of a manifest",
    details: [
      "The host cancels the plan in flight, takes down what the object owns, and removes it last. "
        + "Without --wait the command returns as soon as the host knows of it. The objects of a "
        + "manifest are deleted in reverse order; those that are gone already are passed over."
    ],
    positionals: [
      Positional("KIND", .optional, ObjectReference.kindArgument.summary),
      Positional("NAME", .optional, ObjectReference.nameArgument.summary),
    ],
    options: [
      ManifestFiles.option, ObjectReference.namespaceOption, waitOption, timeoutOption,
    ],
    examples: [
      Command.Example(
        "mortise delete statefulnode redis --wait", "Delete and wait until it is gone"),
      Command.Example("mortise delete -f node.yaml", "Delete what a manifest made"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let references = try namedObjects(invocation)
      let deleted = try await deleteEach(
        references, invocation, link, passingOver: invocation.arguments.has(ManifestFiles.option))
      guard invocation.arguments.has(waitOption) else { return .ok }
      try await Follower(
        link: link, board: ProgressBoard(invocation.surroundings),
        timeout: invocation.arguments.duration(timeoutOption)
      ).follow(deleted.map { Follower.Pursuit(reference: $0, goal: .deleted) })
      return .ok
    })

  private static func namedObjects(_ invocation: Invocation) throws(CommandFailure)
    -> [ObjectReference]
  {
    guard invocation.arguments.has(ManifestFiles.option) else {
      return [try ObjectReference(invocation, command: "delete")]
    }
    if let first = invocation.arguments.positional(0) {
      throw CommandFailure(
        .usage,
        "mortise delete: either -f or an object, not both (\"\(first)\"). See: mortise help delete")
    }
    return try references(in: try ManifestFiles.read(invocation)).reversed()
  }

  /// The objects that the manifests name, in their order.
  ///
  /// - Throws: exit code 5 where a text is no manifest.
  static func references(in manifests: [HostV1.Manifest]) throws(CommandFailure)
    -> [ObjectReference]
  {
    var references: [ObjectReference] = []
    for manifest in manifests {
      do {
        for document in try ManifestDocument.parse(manifest.content, source: manifest.source) {
          guard let kind = document.value["kind"]?.string,
            let name = document.value["metadata"]?["name"]?.string
          else {
            let problem = document.problem(
              at: "", "kind and metadata.name say what it is: one is missing")
            throw CommandFailure(.refused, problem.description)
          }
          references.append(
            ObjectReference(
              kind: kind.lowercased(),
              namespace: document.value["metadata"]?["namespace"]?.string ?? "", name: name))
        }
      } catch let failure as CommandFailure {
        throw failure
      } catch {
        throw CommandFailure(.refused, "\(error)")
      }
    }
    return references
  }

  /// - Parameter passingOver: what isn't there is no error.
  private static func deleteEach(
    _ references: [ObjectReference], _ invocation: Invocation, _ link: HostLink,
    passingOver: Bool
  ) async throws(CommandFailure) -> [ObjectReference] {
    var deleted: [ObjectReference] = []
    for reference in references {
      var attempts = 0
      let wasThere = try await link.asking { session throws(CommandFailure) in
        attempts += 1
        do throws(CommandFailure) {
          try await session.delete(reference)
          return true
        } catch {
          // Gone after a lost answer: the first attempt did it.
          if error.code == .notFound, attempts > 1 { return true }
          if error.code == .notFound, passingOver { return false }
          throw await session.advised(error, about: reference)
        }
      }
      let outcome = wasThere ? "is being deleted" : "is not there"
      try invocation.console.print("\(reference.shortName) \(outcome)")
      if wasThere { deleted.append(reference) }
    }
    return deleted
  }
}
