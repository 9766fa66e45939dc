/// Nothing public ships undocumented.
enum DocumentationRules {
  /// Members that conformances ask for and whose names say all there is to say.
  private static let obvious: Set<String> = [
    "hash", "encode", "makeAsyncIterator", "json", "writeMembers", "Element", "Failure",
  ]
  private static let documented = Declaration.types.union(["func", "subscript"])

  static func findings(_ file: SourceFile) -> [String] {
    file.code.enumerated().compactMap { line, text in
      guard text.contains("public") || text.contains("open"), let found = Declaration(text),
        found.isPublic, documented.contains(found.keyword), !obvious.contains(found.name),
        !isOperator(found), !isDocumented(line, file)
      else { return nil }
      let name = found.name.isEmpty ? found.keyword : found.name
      return file.finding(line, "public \(found.keyword) \(name) has no doc comment")
    }
  }

  private static func isOperator(_ found: Declaration) -> Bool {
    guard found.keyword == "func", let first = found.name.first else { return false }
    return !first.isLetter && first != "_" && first != "`"
  }

  private static func isDocumented(_ line: Int, _ file: SourceFile) -> Bool {
    var above = line - 1
    while above >= 0, file.lines[above].trimmed.hasPrefix("@") { above -= 1 }
    return above >= 0 && file.lines[above].trimmed.hasPrefix("///")
  }
}
