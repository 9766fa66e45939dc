import LinuxSystem

/// The commands of a page, and what it says that they print.
struct DocumentationPage {
  struct Step {
    /// Where the block begins.
    var line: Int
    var script: String
    var expected: [String] = []

    /// The first expected line that the output doesn't have after those before it; nil = all come.
    func firstLineMissing(in output: String) -> String? {
      var rest = output.split(separator: "\n")[...]
      for line in expected {
        guard let index = rest.firstIndex(where: { Self.matches(String($0), line) }) else {
          return line
        }
        rest = rest[(index + 1)...]
      }
      return nil
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
      let parts = pattern.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
      guard parts.count > 1 else { return text == pattern }
      guard text.hasPrefix(parts[0]) else { return false }
      var rest = text.dropFirst(parts[0].count)
      for part in parts.dropFirst().dropLast() {
        guard let range = Self.range(of: part, in: rest) else { return false }
        rest = rest[range.upperBound...]
      }
      return rest.hasSuffix(parts[parts.count - 1])
    }

    private static func range(of part: String, in text: Substring) -> Range<Substring.Index>? {
      var start = text.startIndex
      while true {
        if text[start...].hasPrefix(part) {
          return start..<text.index(start, offsetBy: part.count)
        }
        guard start < text.endIndex else { return nil }
        start = text.index(after: start)
      }
    }
  }

  private(set) var steps: [Step] = []
  /// Blocks of shell that are not run.
  private(set) var unrun: [String] = []

  init(_ path: String) throws {
    var fence: String?
    var block: [String] = []
    var start = 0
    let lines = String(decoding: try FileSystem.read(path), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      if let open = fence, line == "```" {
        end(open, block, start)
        fence = nil
      } else if fence != nil {
        block.append(String(line))
      } else if line.hasPrefix("```") {
        fence = String(line.dropFirst(3))
        block = []
        start = index + 1
      }
    }
  }

  private mutating func end(_ fence: String, _ block: [String], _ line: Int) {
    switch fence {
    case "sh run": steps.append(Step(line: line, script: block.joined(separator: "\n")))
    case "text output" where !steps.isEmpty: steps[steps.count - 1].expected = block
    case "sh", "bash", "shell", "console": unrun.append(block.joined(separator: "\n"))
    default:
      // However it is fenced: who reads it types it.
      if block.contains(where: { $0.hasPrefix("mortise ") || $0.hasPrefix("$ ") }) {
        unrun.append(block.joined(separator: "\n"))
      }
    }
  }
}
