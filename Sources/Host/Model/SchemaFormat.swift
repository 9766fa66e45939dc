/// The `format` keyword: shapes of strings that deserve a name and an example.
public enum SchemaFormat: String, CaseIterable, Sendable {
  /// An amount as Kubernetes writes it: `64Mi`, `500m`, `1.5`.
  case quantity
  /// A length of time: `1h30m`, `250ms`, `0`.
  case duration
  /// RFC 1123 label: lower case, digits and hyphens, at most 63.
  case dnsLabel = "dns-label"

  /// Whether the text has the shape.
  public func matches(_ text: String) -> Bool {
    switch self {
    case .quantity: Self.quantityPattern.matches(text)
    case .duration: Self.durationPattern.matches(text)
    case .dnsLabel: text.utf8.count <= 63 && Self.labelPattern.matches(text)
    }
  }

  /// Completes "must be …".
  var expectation: String {
    switch self {
    case .quantity: "a quantity such as 64Mi, 500m or 1.5"
    case .duration: "a duration such as 30s, 1h30m or 250ms"
    case .dnsLabel: "a DNS label: at most 63 of a-z, 0-9 and -, with a letter or digit at each end"
    }
  }

  private static let quantityPattern = SchemaPattern(
    constant: #"^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$"#)
  private static let durationPattern = SchemaPattern(
    constant: #"^(0|(\d+(\.\d+)?(h|m|s|ms|us|µs|ns))+)$"#)
  private static let labelPattern = SchemaPattern(constant: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
}
