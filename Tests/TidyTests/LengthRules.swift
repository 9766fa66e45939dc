/// How long a file and a function may be.
enum LengthRules {
  static let fileLines = 500
  static let functionLines = 70
  static let columns = 100

  static func findings(_ file: SourceFile) -> [String] {
    var findings: [String] = []
    if file.lines.count > fileLines + 1 {
      findings.append("\(file.path): \(file.lines.count) lines, at most \(fileLines)")
    }
    for (line, text) in file.code.enumerated() {
      guard let found = Declaration(text),
        ["func", "init", "deinit", "subscript"].contains(found.keyword),
        let end = endOfBody(from: line, in: file.code)
      else { continue }
      let length = end - line + 1
      if length > functionLines {
        let name = found.name.isEmpty ? found.keyword : found.name
        findings.append(
          file.finding(line, "\(name) has \(length) lines, at most \(functionLines)"))
      }
    }
    return findings
  }

  /// The line of the brace that closes the body; nil where there is none, as in a protocol.
  private static func endOfBody(from start: Int, in code: [Substring]) -> Int? {
    var parentheses = 0
    var braces = 0
    for line in start..<code.count {
      if line > start, braces == 0, parentheses == 0, Declaration(code[line]) != nil { return nil }
      for character in code[line] {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses -= 1
        case "{" where parentheses == 0 || braces > 0: braces += 1
        case "}" where parentheses == 0 || braces > 0:
          braces -= 1
          if braces < 0 { return nil }
          if braces == 0 { return line }
        default: break
        }
      }
    }
    return nil
  }
}
