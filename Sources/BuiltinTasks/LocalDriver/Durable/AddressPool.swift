import JSON

/// Loopback addresses handed out one to a key, and kept until the key gives its own back.
///
/// Every address of 127.0.0.0/8 is this machine's without any configuration; one /16 for pods and
/// one for services tell them apart at a glance. Drivers on one machine begin at different places
/// of it, so that two of them don't meet.
///
/// - Invariant: no address belongs to two keys (guarded by `AddressPoolTests`).
struct AddressPool: Equatable {
  /// Usable hosts of a /16 whose last octet is neither 0 nor 255.
  static let capacity = 256 * 254

  /// Of 127.N.0.0/16.
  let network: UInt8
  /// Where the search for a free address begins, 0..<capacity.
  let origin: Int
  private(set) var assigned: [String: Int] = [:]

  init(network: UInt8, origin: Int) {
    self.network = network
    self.origin = origin % Self.capacity
  }

  func address(of key: String) -> String? { assigned[key].map(text) }

  /// The key's address, a new one where it has none; nil where all are taken.
  mutating func assign(_ key: String) -> String? {
    if let index = assigned[key] { return text(index) }
    let taken = Set(assigned.values)
    for step in 0..<Self.capacity {
      let index = (origin + step) % Self.capacity
      guard !taken.contains(index) else { continue }
      assigned[key] = index
      return text(index)
    }
    return nil
  }

  mutating func release(_ key: String) { assigned[key] = nil }

  private func text(_ index: Int) -> String { "127.\(network).\(index / 254).\(index % 254 + 1)" }
}

extension AddressPool {
  var document: JSONValue {
    let members = assigned.sorted { $0.key < $1.key }
    return [
      "network": .integer(Int64(network)), "origin": .integer(Int64(origin)),
      "assigned": .object(JSONObject(members.map { ($0.key, .integer(Int64($0.value))) })),
    ]
  }

  /// Nil where the document isn't one that `document` made.
  init?(_ document: JSONValue) {
    guard let network = document["network"]?.integer.flatMap({ UInt8(exactly: $0) }),
      let origin = document["origin"]?.integer.flatMap({ Int(exactly: $0) }),
      (0..<Self.capacity).contains(origin), let members = document["assigned"]?.object?.members
    else { return nil }
    self.init(network: network, origin: origin)
    for (key, value) in members {
      guard let index = value.integer.flatMap({ Int(exactly: $0) }),
        (0..<Self.capacity).contains(index)
      else { return nil }
      assigned[key] = index
    }
    guard Set(assigned.values).count == assigned.count else { return nil }
  }
}
