import JSON

/// A PersistentVolumeClaim as the local driver understands it.
struct VolumeClaimSpec: Equatable, Sendable {
  var capacityBytes: Int64
  /// A directory that exists already and is adopted instead of making one; never deleted.
  var importPath: String?

  init(_ spec: JSONValue) throws(SpecError) {
    let reader = SpecReader(spec)
    try reader.members(only: ["storage", "import"])
    let storage = try reader.required("storage")
    guard let bytes = Self.bytes(ofQuantity: try storage.string()), bytes > 0 else {
      throw storage.problem("must be a size such as 512Mi, 10Gi or 1000000")
    }
    capacityBytes = bytes
    if let place = reader.member("import") {
      let path = try place.string()
      guard path.hasPrefix("/"), !path.split(separator: "/").contains(where: { $0 == ".." }) else {
        throw place.problem("must be an absolute path without '..'")
      }
      importPath = path
    }
  }

  /// Kubernetes' quantity for storage: digits and an optional binary or decimal suffix.
  static func bytes(ofQuantity text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [String: Int64] = [
      "": 1, "k": 1000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000,
      "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
    ]
    guard let count = Int64(digits), let unit = units[String(text.dropFirst(digits.count))] else {
      return nil
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? nil : bytes
  }
}
