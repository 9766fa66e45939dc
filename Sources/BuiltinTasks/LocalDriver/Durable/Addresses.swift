import JSON
import LinuxSystem
import PluginSDK

/// The addresses that pods and services have, kept over restarts of the driver.
///
/// - Invariant: an address is on disk before anybody is told of it (guarded by `CrashTests`).
/// - Isolation: confined to the driver's actor.
struct Addresses {
  static let podNetwork: UInt8 = 77
  static let serviceNetwork: UInt8 = 76

  private(set) var pods: AddressPool
  private(set) var services: AddressPool
  private let path: String

  /// Reads what is assigned; an absent file is an empty pool that begins at a place derived from
  /// the directory's path.
  init(_ directory: DataDirectory) throws {
    path = directory.addresses
    if try FileSystem.status(path) == nil {
      let origin = Int(Revision.hash(directory.root.utf8) % UInt64(AddressPool.capacity))
      pods = AddressPool(network: Self.podNetwork, origin: origin)
      services = AddressPool(network: Self.serviceNetwork, origin: origin)
      return
    }
    let document = try StoredDocument.read(path)
    guard let pods = document["pods"].flatMap(AddressPool.init(_:)),
      let services = document["services"].flatMap(AddressPool.init(_:))
    else { throw StoredDocument.Damage(path: path, problem: "is no table of addresses") }
    self.pods = pods
    self.services = services
  }

  mutating func assignPod(_ name: ObjectName) throws -> String {
    try assign(name, in: \.pods, what: "pod")
  }

  mutating func assignService(_ name: ObjectName) throws -> String {
    try assign(name, in: \.services, what: "service")
  }

  mutating func releasePod(_ name: ObjectName) throws(SystemError) {
    guard pods.address(of: name.description) != nil else { return }
    pods.release(name.description)
    try save()
  }

  mutating func releaseService(_ name: ObjectName) throws(SystemError) {
    guard services.address(of: name.description) != nil else { return }
    services.release(name.description)
    try save()
  }

  private mutating func assign(
    _ name: ObjectName, in pool: WritableKeyPath<Addresses, AddressPool>, what: String
  ) throws -> String {
    if let address = self[keyPath: pool].address(of: name.description) { return address }
    guard let address = self[keyPath: pool].assign(name.description) else {
      throw DriverFailure.recoverable(
        "AddressesExhausted", "no address is left for \(what) \(name): remove some first")
    }
    try save()
    return address
  }

  private func save() throws(SystemError) {
    try AtomicFile.write(
      JSONValue.object(
        JSONObject([("pods", pods.document), ("services", services.document)])
      ).serialized(), to: path, mode: 0o600)
  }
}
