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
/// Known are those alone that have a plan, or a pass at once, and a named number of them: what is at
/// rest costs no memory.
///
/// - Invariant: what is known is what reading the stored object would give (guarded by an assertion
///   in each pass of a debug build).
struct KnownReadings {
  /// Resources known at most.
  static let limit = 1024

  private var readings = RecentEntries<ObjectKey, Reading>(cost: limit)

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
    readings.set(reading, for: reading.resource.key, cost: 1)
  }

  /// No pass of the resource is due at once.
  mutating func settle(_ key: ObjectKey) {
    if readings[key]?.resource.status.plan == nil { readings.remove(key) }
  }
}
