import Devices
import Glibc
import GroupKeys
import JSON
import LinuxSystem
import PluginProto
import Synchronization
import TTRPC
import TestPlaces
import Testing

/// A host with the group plugins, and devices: all of them real processes that may be killed.
final class GroupWorld: Sendable {
  let host: RunningHost
  let place: FleetPlace
  let names: [String]
  private let devices = Mutex<[String: SpawnedProcess]>([:])

  init(devices count: Int, capacity: DeviceCapacity = DeviceCapacity()) async throws {
    let installation = try Installation(plugins: ["devices", "groups"])
    place = FleetPlace("\(installation.root)/devices")
    try place.make()
    host = try RunningHost(installation)
    names = (1...count).map { "lamp-\($0)" }
    for name in names {
      try set(name) { $0.capacity = capacity }
      try start(name)
    }
  }

  deinit {
    for process in devices.withLock({ $0.values }) { Self.end(process) }
  }

  private static func end(_ process: SpawnedProcess) {
    _ = try? process.pidfd.signal(SIGKILL)
    var item = pollfd(fd: process.pidfd.descriptor.number, events: Int16(POLLIN), revents: 0)
    poll(&item, 1, 60_000)
    _ = try? process.pidfd.reap()
  }

  func start(_ name: String) throws {
    let root = host.installation.root
    let log = try Descriptor.open("\(root)/devices.log", O_WRONLY | O_CREAT | O_APPEND)
    let process = try spawn(
      ProcessSpec(
        .path(BuiltProducts.path("mortise-device")),
        arguments: ["mortise-device", "run", "--fleet", place.root, name],
        environment: ["FLEET": "\(place.root)/"], descriptors: [.init(log, as: STDERR_FILENO)]))
    devices.withLock { $0[name] = process }
  }

  /// `kill -9`, and another process in its place.
  func restart(_ name: String) throws {
    if let process = devices.withLock({ $0.removeValue(forKey: name) }) { Self.end(process) }
    try start(name)
  }

  func set(_ name: String, _ change: (inout DeviceSettings) -> Void) throws {
    var settings = try DeviceSettings.read(place, name)
    change(&settings)
    try settings.write(place, name)
  }

  /// Starts a run; returns its name.
  func run(_ type: String, _ params: JSONValue) async throws -> String {
    var request = HostV1.RunTaskRequest()
    request.type = type
    request.params = params.serialized()
    // So that a call whose answer was lost with its host joins what it began.
    request.externalID = "test"
    let object = try JSONValue(parsing: try await host.call(HostV1.Host.runTask, request).object)
    return try #require(object["metadata"]?["name"]?.string)
  }

  func join(_ device: String) async throws -> String {
    try await run(
      "AddNodeToGroup", ["group": "kitchen", "keySet": "home", "node": .string(device)])
  }

  func rotate(to key: String) async throws -> String {
    try await run("RotateGroupKey", ["keySet": "home", "key": .string(key)])
  }

  func cancel(_ run: String) async throws {
    var request = HostV1.ResourceRequest()
    request.name = host.name(run, kind: "TaskRun")
    _ = try await host.call(HostV1.Host.cancel, request)
  }

  /// Follows a run until its forward work has ended, or until its revert has.
  func until(_ run: String, _ state: String, reverted: Bool = false) async throws {
    try await host.until("TaskRun", run, "\(run) is \(state)") { object in
      let status = object?["status"]
      let found = reverted ? status?["revert"]?["state"] : status?["state"]
      return found?.string == state
    }
  }

  /// All devices are members.
  func assemble() async throws {
    var runs: [String] = []
    for name in names { runs.append(try await join(name)) }
    for run in runs { try await until(run, "Complete") }
  }

  /// Waits until the devices' log says so.
  func untilLog(
    _ what: String, _ isMet: @escaping @Sendable ([ChangeEntry]) -> Bool
  ) async throws {
    let inotify = try Inotify()
    _ = try inotify.watch(place.root, for: [.modified, .created])
    try await host.within(what) { [self] in
      while !isMet(try DeviceLog.entries(place)) {
        try await host.loop.waitReadable(inotify.descriptor.number)
        _ = try inotify.events()
      }
    }
  }

  /// The tables that each device had, one after the other, as far as they differ.
  func tables() throws -> [String: [DeviceTable]] {
    var tables: [String: [DeviceTable]] = [:]
    for entry in try DeviceLog.entries(place) where tables[entry.device]?.last != entry.table {
      tables[entry.device, default: []].append(entry.table)
    }
    return tables
  }
}

extension DeviceTable {
  /// The plain names of the keys of the set, with their starts.
  var homeKeys: [String: EpochStart] {
    var keys: [String: EpochStart] = [:]
    for epoch in keySets["home"]?.epochs ?? [] {
      keys[SecretChange.plainName(epoch.name)] = epoch.start
    }
    return keys
  }
}
