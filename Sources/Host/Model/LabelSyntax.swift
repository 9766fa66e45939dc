/// What labels may look like: what a selector can name.
public enum LabelSyntax {
  /// Characters of a name, of which a prefix such as `example.com/` is a part, and of a value.
  public static let nameLimit = 253
  public static let valueLimit = 63

  /// Letters, digits, and what stands between them.
  static func mayContain(_ character: Character) -> Bool {
    guard let byte = character.asciiValue else { return false }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: "/"):
      return true
    default: return false
    }
  }

  /// What is wrong with a label; nil = nothing.
  public static func problem(name: String, value: String) -> String? {
    let allowed = "letters, digits, \"-\", \"_\", \".\" and \"/\""
    guard !name.isEmpty, name.count <= nameLimit, name.allSatisfy(mayContain) else {
      return "\"\(name.prefix(80))\" is no label's name: \(allowed), 1 to \(nameLimit) characters"
    }
    guard value.count <= valueLimit, value.allSatisfy(mayContain) else {
      return
        "\"\(value.prefix(80))\" is no label's value: \(allowed), at most \(valueLimit) characters"
    }
    return nil
  }
}
