import JSON

/// The content hash of a pod template.
///
/// Two templates that say the same, whatever the order of their members, have one revision: a
/// host that writes the same spec again replaces no pod.
enum Revision {
  /// 16 hexadecimal digits.
  static func of(_ template: JSONValue) -> String {
    let digits = String(hash(canonical(template).serialized()), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// FNV-1a of 64 bits: it names contents, it doesn't guard them.
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The same document with every object's members sorted by name.
  static func canonical(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): .array(elements.map(canonical))
    case .object(let object):
      .object(
        JSONObject(
          object.members.sorted { $0.name < $1.name }.map { ($0.name, canonical($0.value)) }))
    default: value
    }
  }
}
