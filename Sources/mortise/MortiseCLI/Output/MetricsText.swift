/// Prometheus's text format, version 0.0.4, which what collects metrics reads.
struct MetricsText: Sendable, Equatable {
  enum Kind: String, Sendable {
    case counter, gauge
  }

  /// One metric: its series share name, type and help.
  struct Family: Sendable, Equatable {
    var name: String
    var kind: Kind
    var help: String
    fileprivate(set) var lines: [String] = []

    init(_ name: String, _ kind: Kind, _ help: String) {
      self.name = name
      self.kind = kind
      self.help = help
    }

    mutating func add(_ labels: KeyValuePairs<String, String>, _ value: Int64) {
      let texts = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      let all = texts.isEmpty ? "" : "{\(texts.joined(separator: ","))}"
      lines.append("\(name)\(all) \(value)")
    }

    /// What a value may not hold as it is; all else may stand there.
    private static func escaped(_ text: String) -> String {
      var escaped = ""
      for character in text {
        switch character {
        case "\\": escaped += "\\\\"
        case "\"": escaped += "\\\""
        case "\n": escaped += "\\n"
        default: escaped.append(character)
        }
      }
      return escaped
    }
  }

  var families: [Family] = []

  /// The whole text; a family without a series is left out.
  var text: String {
    families.filter { !$0.lines.isEmpty }.map { family in
      let head = [
        "# HELP \(family.name) \(family.help)", "# TYPE \(family.name) \(family.kind.rawValue)",
      ]
      return (head + family.lines).map { $0 + "\n" }.joined()
    }.joined()
  }
}
