/// What the host may not know by name: kinds and task types are data.
enum KindRules {
  /// Kinds whose planner is host code.
  static let ofTheHost: Set<String> = ["NodeDeployment", "TaskRun"]

  /// Kinds of intents and names of products, which no blueprint teaches.
  static let beside = [
    "StatefulSet", "PersistentVolumeClaim", "PodEviction", "redis", "postgres", "sidecar-agent",
  ]

  /// The kinds, their plurals and the task types of all blueprints among the files.
  ///
  /// A task type of one word is left out: a program may use the word.
  static func names(taughtBy files: [SourceFile]) -> Set<String> {
    var names: Set<String> = []
    for file in files where file.lines.contains("kind: Blueprint") {
      for line in file.lines {
        for member in ["  kind: ", "  plural: "] where line.hasPrefix(member) {
          names.insert(String(line.dropFirst(member.count)))
        }
        let text = line.drop { $0 == " " }
        if text.hasPrefix("- type: "), text.dropFirst(8).contains("-") {
          names.insert(String(text.dropFirst(8)))
        }
      }
    }
    return names.subtracting(ofTheHost)
  }
}
