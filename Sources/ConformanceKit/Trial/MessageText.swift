internal import JSON
internal import PluginProto

/// Messages as text: a field a line, without those that have their defaults.
enum MessageText {
  /// Of a text; whoever sends a frame that is full wants to know that it is, not what is in it.
  private static let textBytesMax = 4096
  private static let hexBytesMax = 64

  static func request(_ name: String, _ bytes: [UInt8]) -> String {
    texts[name]?.request(bytes) ?? bytesText(bytes)
  }

  static func reply(_ name: String, _ bytes: [UInt8]) -> String {
    texts[name]?.reply(bytes) ?? bytesText(bytes)
  }

  /// " {…}", or nothing where there is no JSON.
  static func json(_ bytes: [UInt8]) -> String {
    bytes.isEmpty ? "" : " " + String(decoding: bytes, as: UTF8.self)
  }

  /// Any message, by its fields' names.
  static func describe(_ value: Any, indentation: Int = 4) -> String {
    let margin = String(repeating: " ", count: indentation)
    var lines: [String] = []
    for child in Mirror(reflecting: value).children {
      guard let label = child.label, let field = unwrapped(child.value) else { continue }
      if let text = scalar(field) {
        if !text.isEmpty { lines.append("\(margin)\(label): \(text)") }
        continue
      }
      let elements = Mirror(reflecting: field)
      if elements.displayStyle == .collection {
        for element in elements.children {
          let inner =
            scalar(element.value).map { " \($0)" }
            ?? "\n" + describe(element.value, indentation: indentation + 2)
          lines.append("\(margin)- \(label):\(inner)")
        }
      } else {
        let inner = describe(field, indentation: indentation + 2)
        lines.append(inner.isEmpty ? "\(margin)\(label)" : "\(margin)\(label):\n\(inner)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func unwrapped(_ value: Any) -> Any? {
    let mirror = Mirror(reflecting: value)
    return mirror.displayStyle == .optional ? mirror.children.first?.value : value
  }

  /// The text of what has no fields; empty where it is a default, nil where it has fields.
  private static func scalar(_ value: Any) -> String? {
    switch value {
    case let text as String: text
    case let bytes as [UInt8]: bytesText(bytes)
    case let flag as Bool: flag ? "yes" : ""
    case let number as any BinaryInteger: number.isZero ? "" : "\(number)"
    default:
      Mirror(reflecting: value).displayStyle == .enum
        && Mirror(reflecting: value).children.isEmpty ? "\(value)" : nil
    }
  }

  /// JSON on one line, other text quoted where it has several, anything else in hexadecimal.
  private static func bytesText(_ bytes: [UInt8]) -> String {
    guard bytes.count <= textBytesMax else {
      return "\(bytes.count) bytes that begin with \(hex(bytes))"
    }
    if let json = try? JSONValue(parsing: bytes) {
      return String(decoding: json.serialized(), as: UTF8.self)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { return hex(bytes) }
    return text.contains("\n") ? text.debugDescription : text
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = bytes.prefix(hexBytesMax).map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }
    return digits.joined(separator: " ") + (bytes.count > hexBytesMax ? " …" : "")
  }

  private struct Texts: Sendable {
    var request: @Sendable ([UInt8]) -> String
    var reply: @Sendable ([UInt8]) -> String
  }

  private static let texts: [String: Texts] = {
    var texts: [String: Texts] = [:]
    func add<Request, Reply>(_ method: Method<Request, Reply>) {
      texts["\(method.service)/\(method.name)"] = Texts(
        request: { bytes in (try? Request(serialized: bytes)).map { describe($0) } ?? "" },
        reply: { bytes in (try? Reply(serialized: bytes)).map { describe($0) } ?? "" })
    }
    add(PluginV1.Plugin.handshake)
    add(PluginV1.Plugin.describe)
    add(PluginV1.Plugin.configure)
    add(PluginV1.Plugin.health)
    add(PluginV1.Plugin.updates)
    add(PluginV1.Plugin.shutdown)
    add(PluginV1.Tasks.expand)
    add(PluginV1.Tasks.execute)
    return texts
  }()
}

extension BinaryInteger {
  fileprivate var isZero: Bool { self == 0 }
}
