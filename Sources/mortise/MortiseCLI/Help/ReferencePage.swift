internal import Daemon
internal import Model

/// Pages of docs/ that are made from what the program itself goes by.
enum ReferencePage: String, CaseIterable, Sendable {
  case cli
  case blueprints
  case configuration

  var text: String {
    switch self {
    case .cli: HelpMarkdown.document(CommandTable.commands, CommandTable.globalOptions)
    case .blueprints:
      SchemaMarkdown.document(
        Blueprint.schema, page: rawValue, title: "Blueprints",
        introduction: [
          "A blueprint teaches the host a kind. It is a manifest like any other: `apiVersion:",
          "mortise.dev/v1`, `kind: Blueprint`, `metadata.name`, and the `spec` below. It is checked",
          "as a whole when it is applied; `mortise plan -f` shows what it would make of a resource.",
          "",
          "The [StatefulNode](stateful-node.md) blueprint in `plugins/workload/blueprints` uses",
          "most of it.",
        ], prefix: "spec")
    case .configuration:
      SchemaMarkdown.document(
        HostConfiguration.schema, page: rawValue, title: "Configuration of a host",
        introduction: [
          "`mortise serve --config FILE` reads these fields from a file of YAML; all are optional.",
          "Flags override them. Relative paths are below the file's own folder.",
          "`mortise config check FILE` tells all that is wrong, with line, column and path.", "",
          "The host reads the file again on SIGHUP: `log.level` and `stop.grace` are in force at",
          "once, and its log names what waits for a restart.",
        ])
    }
  }
}
