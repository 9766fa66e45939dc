public import JSON

/// A report as other programs read it.
extension ConformanceReport {
  /// `{plugin, version, seed, conforms, cases: [{id, level, section, outcome, message, milliseconds}]}`.
  public var json: JSONValue {
    [
      "plugin": .string(plugin), "version": .string(version), "seed": .string("\(seed)"),
      "conforms": .bool(isConforming),
      "cases": .array(results.map(\.json)),
    ]
  }

  /// As JUnit's consumers take it; a SHOULD that is not met is a skipped case with its message.
  public var junit: String {
    let violations = results.count(where: \.isViolation)
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    lines.append(
      "<testsuite name=\"mortise conformance \(plugin.xml) \(version.xml)\" "
        + "tests=\"\(results.count)\" failures=\"\(violations)\" "
        + "skipped=\"\(results.count - violations - passedCount)\">")
    lines += results.map(\.junit)
    lines.append("</testsuite>")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension CaseResult {
  fileprivate var json: JSONValue {
    let (name, message) =
      switch outcome {
      case .passed: ("passed", "")
      case .failed(let message): (isViolation ? "failed" : "advised", message)
      case .skipped(let reason): ("skipped", reason)
      }
    return [
      "id": .string(id), "level": .string("\(level)"), "section": .string(section),
      "why": .string(why), "outcome": .string(name), "message": .string(message),
      "milliseconds": .integer(duration.milliseconds),
    ]
  }

  fileprivate var junit: String {
    let group = id.split(separator: ".").first.map(String.init) ?? id
    let head =
      "  <testcase classname=\"\(group.xml)\" name=\"\(id.xml)\" "
      + "time=\"\(duration.milliseconds / 1000).\(Self.threeDigits(duration.milliseconds % 1000))\""
    switch outcome {
    case .passed: return head + "/>"
    case .skipped(let reason):
      return head + "><skipped message=\"\(reason.xml)\"/></testcase>"
    case .failed(let message) where !isViolation:
      return head + "><skipped message=\"SHOULD: \(message.xml)\"/></testcase>"
    case .failed(let message):
      let details = ([why, "proto/PROTOCOL.md: \(section)"] + log).joined(separator: "\n")
      return head + "><failure message=\"\(message.xml)\">\(details.xml)</failure></testcase>"
    }
  }

  private static func threeDigits(_ number: Int64) -> String {
    String(repeating: "0", count: 3 - "\(number)".count) + "\(number)"
  }
}

extension String {
  /// As an attribute or a text takes it; what XML has no place for becomes "?".
  fileprivate var xml: String {
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case let control
      where control.value < 0x20 || control.value == 0xFFFE
        || control.value == 0xFFFF:
        escaped += "?"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
