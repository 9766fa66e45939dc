/// Names that say nothing, or that are taken.
enum NameRules {
  /// The standard library's.
  private static let taken: Set<String> = ["Task", "Executor", "TaskExecutor", "Clock", "Manager"]
  private static let empty = ["Utils", "Helper"]

  static func findings(_ file: SourceFile) -> [String] {
    var findings: [String] = []
    let name = file.path.split(separator: "/").last ?? ""
    if empty.contains(where: { name.contains($0) }) {
      findings.append("\(file.path): a file's name says what is in it")
    }
    for (line, text) in file.code.enumerated() {
      guard let found = Declaration(text), Declaration.types.contains(found.keyword) else {
        continue
      }
      if taken.contains(found.name) || empty.contains(where: { found.name.contains($0) }) {
        findings.append(file.finding(line, "no type is named \(found.name)"))
      }
    }
    return findings
  }
}
