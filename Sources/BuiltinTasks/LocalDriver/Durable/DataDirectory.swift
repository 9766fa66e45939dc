import Glibc
import LinuxSystem

/// Where the driver keeps what: the one place that knows the layout of its data directory.
///
/// ```
/// lock                         held by the one driver of this directory
/// effects.log journal          see EffectJournal
/// addresses.json               see Addresses
/// desired/KIND/NS/NAME.json    what was applied
/// volumes/NS/NAME/             owner.json and data/
/// pods/NS/POD/                 pod.json, shared/, CONTAINER.lock
/// services/NS/NAME/            proxy.json, proxy.status.json, proxy.lock, proxy.log
/// logs/NS/POD/CONTAINER.log    and CONTAINER.log.1
/// trash/                       directories on their way out
/// ```
struct DataDirectory: Sendable {
  /// Pods' data and logs are nobody else's.
  static let mode: mode_t = 0o700

  let root: String

  var lock: String { "\(root)/lock" }
  var addresses: String { "\(root)/addresses.json" }
  var trash: String { "\(root)/trash" }
  var pods: String { "\(root)/pods" }
  var services: String { "\(root)/services" }
  var desired: String { "\(root)/desired" }

  func desired(_ kind: String, _ name: ObjectName) -> String { "\(desired)/\(kind)/\(name).json" }
  func volume(_ name: ObjectName) -> String { "\(root)/volumes/\(name)" }
  func pod(_ name: ObjectName) -> String { "\(pods)/\(name)" }
  func podRecord(_ name: ObjectName) -> String { "\(pod(name))/pod.json" }
  func shared(_ pod: ObjectName) -> String { "\(self.pod(pod))/shared" }
  func lock(_ pod: ObjectName, container: String) -> String { "\(self.pod(pod))/\(container).lock" }
  func logs(_ pod: ObjectName) -> String { "\(root)/logs/\(pod)" }
  func log(_ pod: ObjectName, container: String) -> String { "\(logs(pod))/\(container).log" }
  func service(_ name: ObjectName) -> String { "\(services)/\(name)" }

  func make() throws(SystemError) {
    for folder in ["desired", "volumes", "pods", "services", "logs", "trash"] {
      try FileSystem.makeDirectories("\(root)/\(folder)", mode: Self.mode)
    }
  }

  /// Takes a directory away at one instant, and its contents after it.
  ///
  /// The rename is what counts: a driver that dies during the deletion leaves the rest in `trash`,
  /// which is emptied at the next start.
  func discard(_ path: String, id: String) throws(SystemError) {
    guard try FileSystem.status(path) != nil else { return }
    let place = "\(trash)/\(id)"
    try FileSystem.rename(path, to: place)
    try FileSystem.removeTree(place)
    try removeIfEmpty(FileSystem.parent(of: path))
  }

  func emptyTrash() throws(SystemError) {
    for name in try FileSystem.list(trash) { try FileSystem.removeTree("\(trash)/\(name)") }
  }

  /// Removes a namespace's directory with its last entry.
  func removeIfEmpty(_ path: String) throws(SystemError) {
    guard try FileSystem.status(path) != nil, try FileSystem.list(path).isEmpty else { return }
    try FileSystem.remove(path)
  }

  /// The entries of `NAMESPACE/NAME` folders below a directory of this layout.
  func names(in folder: String) throws(SystemError) -> [ObjectName] {
    var names: [ObjectName] = []
    for namespace in try FileSystem.list(folder) {
      for name in try FileSystem.list("\(folder)/\(namespace)") {
        if let object = ObjectName("\(namespace)/\(name)") { names.append(object) }
      }
    }
    return names
  }
}
