internal import JSON
internal import Model
internal import PluginProto

extension CommandTable {
  static let plan = Command(
    name: "plan",
    summary: "show what applying manifests would do, and do nothing",
    details: [
      "For each object: the plan that would be made and why, its tasks and the plugin of each, "
        + "the intents that would change, and which steps could not be reverted. What follows "
        + "from outputs of earlier tasks is not known before they ran, and said to be so."
    ],
    options: [ManifestFiles.option.required, documentOption],
    examples: [
      Command.Example("mortise plan -f node.yaml", "What would this do?"),
      Command.Example("mortise plan -f manifests/ -o json", "The same for a program"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let format = try OutputFormat(invocation.arguments)
      let manifests = try ManifestFiles.read(invocation)
      let document = try await link.asking { session throws(CommandFailure) in
        try await session.plan(manifests)
      }
      if let text = format.document(document) {
        try invocation.console.write(text)
        return .ok
      }
      let appearance = Appearance(
        of: invocation.console.output, environment: invocation.surroundings.environment)
      for line in PreviewText(preview: try document.mapped()).lines {
        try invocation.console.print(line.rendered(appearance))
      }
      return .ok
    })
}
