/// Words that have no place in some files, or in any.
enum WordingRules {
  /// Put together here, so that this file does not hold what it looks for.
  static let machine =
    ["main", "wt", "shared", "bin", ".library"].map { "/work/" + $0 }
    + ["/root" + "/", "/tmp/" + "brief", "helper " + "session", "land" + ".sh"]

  static func findings(_ file: SourceFile, words: [String], because reason: String) -> [String] {
    file.lines.enumerated().flatMap { line, text in
      words.filter { text.contains($0) }.map { file.finding(line, "\"\($0)\": \(reason)") }
    }
  }
}
