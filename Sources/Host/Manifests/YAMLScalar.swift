internal import Glibc
internal import JSON

/// What a plain scalar means: YAML 1.2's core schema, less what surprises.
enum YAMLScalar: Equatable {
  case value(JSONValue)
  case refused(String)

  init(plain text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .value(.null)
    case "true", "True", "TRUE": self = .value(.bool(true))
    case "false", "False", "FALSE": self = .value(.bool(false))
    default: self = Self.number(text) ?? .value(.string(text))
    }
  }

  /// A scalar with an explicit tag; nil = a tag that is not known.
  init?(_ text: String, tag: String) {
    let plain = YAMLScalar(plain: text)
    switch (tag, plain) {
    // A lone ! means: not resolved, as it stands.
    case ("tag:yaml.org,2002:str", _), ("!", _): self = .value(.string(text))
    case ("tag:yaml.org,2002:int", .value(.integer)),
      ("tag:yaml.org,2002:float", .value(.number)),
      ("tag:yaml.org,2002:bool", .value(.bool)),
      ("tag:yaml.org,2002:null", .value(.null)):
      self = plain
    case ("tag:yaml.org,2002:float", .value(.integer(let integer))):
      self = .value(.number(Double(integer)))
    case ("tag:yaml.org,2002:int", .refused), ("tag:yaml.org,2002:float", .refused): self = plain
    case ("tag:yaml.org,2002:int", _): self = .refused("\"\(text)\" is no integer")
    case ("tag:yaml.org,2002:float", _): self = .refused("\"\(text)\" is no number")
    case ("tag:yaml.org,2002:bool", _): self = .refused("\"\(text)\" is neither true nor false")
    case ("tag:yaml.org,2002:null", _): self = .refused("\"\(text)\" is not null")
    default: return nil
    }
  }

  /// Nil where the text is no number.
  private static func number(_ text: String) -> YAMLScalar? {
    var rest = Substring(text)
    let isNegative = rest.first == "-"
    if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
    guard let first = rest.utf8.first, isDigit(first) || first == UInt8(ascii: ".") else {
      return nil
    }
    switch rest {
    case ".inf", ".Inf", ".INF": return .refused("infinity can't be kept: JSON has none")
    case ".nan", ".NaN", ".NAN": return .refused("NaN can't be kept: JSON has none")
    default: break
    }
    if rest.hasPrefix("0x") || rest.hasPrefix("0o"), rest.count == text.count {
      let radix = rest.hasPrefix("0x") ? 16 : 8
      let digits = rest.dropFirst(2)
      guard !digits.isEmpty, digits.allSatisfy({ ($0.hexDigitValue ?? 16) < radix && $0.isASCII })
      else { return nil }
      return integer(Int64(digits, radix: radix), text)
    }
    guard rest.utf8.allSatisfy(isDigit) else { return float(text, unsigned: rest) }
    if rest.utf8.count > 1, first == UInt8(ascii: "0") {
      let bare = rest.drop { $0 == "0" }
      return .refused(
        "\(text) is octal to some and decimal to others: write \(bare.isEmpty ? "0" : bare), "
          + "0o\(bare.isEmpty ? "0" : bare), or \"\(text)\" for a string")
    }
    return integer(Int64((isNegative ? "-" : "") + rest), text)
  }

  private static func integer(_ value: Int64?, _ text: String) -> YAMLScalar {
    value.map { .value(.integer($0)) }
      ?? .refused("\(text) does not fit into 64 bits: write it in quotes")
  }

  /// `12.`, `.5`, `1e3`, `1.5E-7`: digits around at most one point, then an exponent.
  private static func float(_ text: String, unsigned: Substring) -> YAMLScalar? {
    var rest = Substring(unsigned).utf8
    var digits = 0
    func take(_ bytes: String) -> Bool {
      guard let next = rest.first, bytes.utf8.contains(next) else { return false }
      rest = rest.dropFirst()
      return true
    }
    while take("0123456789") { digits += 1 }
    if take(".") { while take("0123456789") { digits += 1 } }
    guard digits > 0 else { return nil }
    if take("eE") {
      _ = take("+-")
      var exponentDigits = 0
      while take("0123456789") { exponentDigits += 1 }
      guard exponentDigits > 0 else { return nil }
    }
    guard rest.isEmpty else { return nil }
    let value = strtod(text, nil)
    return value.isFinite ? .value(.number(value)) : .refused("\(text) is too large for a number")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
