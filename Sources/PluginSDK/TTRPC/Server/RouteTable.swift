internal import Glibc

/// A method that is answered here.
final class Route: Sendable {
  let service: String
  let method: String
  let handler: Router.Handler

  init(service: String, method: String, handler: Router.Handler) {
    self.service = service
    self.method = method
    self.handler = handler
  }

  /// "mortise.plugin.v1.Tasks/Execute".
  var name: String { "\(service)/\(method)" }
}

/// Finds routes by names as they lie in a frame: sorted, so that no string is made or hashed for a
/// call.
///
/// - Invariant: a name finds its route, and no other name does (guarded by `RouteTableTests`).
struct RouteTable: Sendable {
  fileprivate struct Entry: Sendable {
    let service: [UInt8]
    let method: [UInt8]
    let route: Route
  }

  private var entries: [Entry] = []

  /// - Returns: false where the name has a route already.
  mutating func insert(_ route: Route) -> Bool {
    let (service, method) = (Array(route.service.utf8), Array(route.method.utf8))
    let (index, isFound) = service.withUnsafeBytes { service in
      method.withUnsafeBytes { method in search(service, method) }
    }
    if isFound { return false }
    entries.insert(Entry(service: service, method: method, route: route), at: index)
    return true
  }

  func find(_ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer) -> Route? {
    let (index, isFound) = search(service, method)
    return isFound ? entries[index].route : nil
  }

  /// Where the name is, or would be inserted.
  private func search(
    _ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer
  ) -> (index: Int, isFound: Bool) {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      let order = entries[middle].order(service, method)
      if order == 0 { return (middle, true) }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return (low, false)
  }
}

extension RouteTable.Entry {
  /// Negative where this entry comes before the name.
  fileprivate func order(
    _ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer
  ) -> Int {
    let first = Self.order(self.service, service)
    return first != 0 ? first : Self.order(self.method, method)
  }

  /// By length, then by bytes: any total order will do.
  private static func order(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Int {
    if left.count != right.count { return left.count - right.count }
    guard left.count > 0 else { return 0 }
    return left.withUnsafeBytes { Int(memcmp($0.baseAddress!, right.baseAddress!, right.count)) }
  }
}
