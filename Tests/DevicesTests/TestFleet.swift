import Devices
import Glibc
import GroupKeys
import JSON
import LinuxSystem
import TTRPC
import TestPlaces
import Testing

/// Real device processes in a directory that goes with the test.
final class TestFleet: Sendable {
  let place: FleetPlace
  let root: String
  let loop: EventLoop

  init() throws {
    root = try FileSystem.makeTemporaryDirectory("/tmp/mortise-fleet-")
    place = FleetPlace("\(root)/fleet")
    loop = try EventLoop.startThread("devices tests")
    try place.make()
  }

  deinit {
    loop.stop()
    try? FileSystem.removeTree(root)
  }

  /// Starts a device, which the test's own process takes with it when it ends.
  func start(_ name: String) throws -> TestDevice {
    let log = try Descriptor.open("\(root)/devices.log", O_WRONLY | O_CREAT | O_APPEND)
    var spec = ProcessSpec(
      .path(BuiltProducts.path("mortise-device")),
      arguments: ["mortise-device", "run", "--fleet", place.root, name],
      descriptors: [.init(log, as: STDERR_FILENO)])
    spec.newProcessGroup = true
    return TestDevice(name: name, process: try spawn(spec), loop: loop)
  }

  func set(_ name: String, _ change: (inout DeviceSettings) -> Void) throws {
    var settings = try DeviceSettings.read(place, name)
    change(&settings)
    try settings.write(place, name)
  }

  func entries(of name: String) throws -> [ChangeEntry] {
    try DeviceLog.entries(place).filter { $0.device == name }
  }

  /// Runs the condition whenever something in the watched directories changed, until it holds.
  func until(_ what: String, _ condition: @escaping @Sendable () throws -> Bool) async throws {
    let inotify = try Inotify()
    _ = try inotify.watch(place.sockets, for: .entries)
    _ = try inotify.watch(place.root, for: [.modified, .created])
    let loop = loop
    try await within(what) {
      while try !condition() {
        try await loop.waitReadable(inotify.descriptor.number)
        _ = try inotify.events()
      }
    }
  }

  /// Fails with what was waited for, instead of hanging.
  func within<Value: Sendable>(
    _ what: String, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let loop = loop
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try? await loop.sleep(for: .seconds(90))
        return nil
      }
      defer { group.cancelAll() }
      let first = try await group.next() ?? nil
      return try #require(first, "not in time: \(what)")
    }
  }
}

/// One device's process.
final class TestDevice: Sendable {
  let name: String
  let process: SpawnedProcess
  private let loop: EventLoop

  init(name: String, process: SpawnedProcess, loop: EventLoop) {
    self.name = name
    self.process = process
    self.loop = loop
  }

  deinit {
    _ = try? process.pidfd.signal(SIGKILL)
    _ = try? process.pidfd.signal(SIGCONT)
    var item = pollfd(fd: process.pidfd.descriptor.number, events: Int16(POLLIN), revents: 0)
    poll(&item, 1, 60_000)
    _ = try? process.pidfd.reap()
  }

  func signal(_ number: Int32) throws { _ = try process.pidfd.signal(number) }

  /// As hard as it gets; returns once the process is gone.
  func kill() async throws {
    try signal(SIGKILL)
    try await loop.waitReadable(process.pidfd.descriptor.number)
  }
}
