/// What the compiler can't check is written in few places, each with its reason.
enum ConcurrencyRules {
  /// The one audited place of unstructured tasks.
  static let spawner = "Sources/PluginSDK/TTRPC/Loop/EventLoop+Executor.swift"

  static func findings(_ file: SourceFile) -> [String] {
    var findings: [String] = []
    for (line, text) in file.code.enumerated() {
      if file.path != spawner, startsTask(text) {
        findings.append(file.finding(line, "unstructured tasks are made by EventLoop.spawn alone"))
      }
      for promise in ["@unchecked Sendable", "nonisolated(unsafe)"]
      where text.contains(promise) && !isExplained(line, file) {
        findings.append(file.finding(line, "\(promise) without a comment that proves it"))
      }
    }
    return findings
  }

  private static func startsTask(_ line: Substring) -> Bool {
    guard line.contains("Task") else { return false }
    let words = words(line)
    return words.indices.contains { index in
      guard words[index] == "Task", index == 0 || words[index - 1] != "." else { return false }
      let next = words[(index + 1)...].prefix(2).joined()
      return next.hasPrefix("{") || next.hasPrefix("(") || next == ".detached"
        || next == ".immediate"
    }
  }

  /// A comment on the line or directly above it, attributes between them aside.
  private static func isExplained(_ line: Int, _ file: SourceFile) -> Bool {
    if file.lines[line].contains("//") { return true }
    var above = line - 1
    while above >= 0, file.lines[above].trimmed.hasPrefix("@") { above -= 1 }
    return above >= 0 && file.lines[above].trimmed.hasPrefix("//")
  }
}

extension Substring {
  /// Without the white space at its beginning.
  var trimmed: Substring { drop { $0 == " " || $0 == "\t" } }
}
