internal import Model

/// A resource as a pass read it, or as one wrote it.
struct Reading: Sendable {
  var resource: Resource
  /// As the store holds it.
  var body: [UInt8]

  init(resource: Resource, body: [UInt8]) {
    self.resource = resource
    self.body = body
  }

  init(_ stored: StoredObject) throws(MappingError) {
    self.init(resource: try Resource(stored), body: stored.body)
  }
}

/// Resources as the host's own last writes left them: the passes of a plan read no JSON but the
/// first one.
///
/// Known are those alone that have a plan, or a pass at once, and a named amount of them: what is at
/// rest costs no memory.
///
/// - Invariant: what is known is what reading the stored object would give (guarded by an assertion
///   in each pass of a debug build).
struct KnownReadings {
  /// Of the documents of all that is known, roughly; decoded they take a few times as much.
  private static let bytes = 4 << 20
  /// What one takes beside its document, roughly.
  private static let entryBytes = 1024

  private var readings = RecentEntries<ObjectKey, Reading>(cost: bytes)

  /// What is known of the object as it is stored now; nil = it is to be read.
  mutating func take(_ stored: StoredObject) -> Reading? {
    guard let known = readings.remove(stored.key), known.resource.version == stored.version
    else { return nil }
    assert(
      (try? Resource(stored))?.json == known.resource.json, "\(stored.key) would be read otherwise")
    return known
  }

  /// A pass has written, or found that there was nothing to write.
  mutating func keep(_ reading: Reading) {
    readings.set(
      reading, for: reading.resource.key, cost: reading.body.count + Self.entryBytes)
  }

  /// No pass of the resource is due at once.
  mutating func settle(_ key: ObjectKey) {
    if readings[key]?.resource.status.plan == nil { readings.remove(key) }
  }
}
