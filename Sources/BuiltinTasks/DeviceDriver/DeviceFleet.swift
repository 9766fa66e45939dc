import Devices
import GroupKeys
import JSON
import LinuxSystem
import PluginSDK
import TTRPC

/// All devices of a fleet: finds them by their directories, and learns by inotify who came and went.
///
/// - Isolation: an actor on the driver's loop.
actor DeviceFleet {
  private let place: FleetPlace
  private let context: DriverContext
  private let inotify: Inotify
  private let socketWatch: Int32
  private var links: [String: DeviceLink] = [:]

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    context.loop.asUnownedSerialExecutor()
  }

  /// - Throws: the fleet's directory can't be made or watched.
  init(_ place: FleetPlace, _ context: DriverContext) throws {
    self.place = place
    self.context = context
    try place.make()
    inotify = try Inotify()
    socketWatch = try inotify.watch(place.sockets, for: [.movedTo])
    _ = try inotify.watch(place.devices, for: [.created, .movedTo, .deleted, .movedFrom])
  }

  /// Takes up the devices that are there, then follows.
  func start() async throws {
    try await lookAround()
    context.loop.spawn { await self.follow() }
  }

  var targets: [TargetState] {
    get async {
      var targets: [TargetState] = []
      for (_, link) in links.sorted(by: { $0.key < $1.key }) { targets.append(await link.target) }
      return targets
    }
  }

  /// The device of that name.
  ///
  /// - Throws: there is none; that is final, as nothing but a person brings it.
  func link(_ name: String) throws(DriverFailure) -> DeviceLink {
    if let link = links[name] { return link }
    throw .final(
      "UnknownDevice",
      "there is no device \(name) in \(place.root); start it with mortise-device run")
  }

  private func lookAround() async throws {
    let sockets = try FileSystem.list(place.sockets).compactMap(FleetPlace.device(ofSocket:))
    let present = Set(try place.names()).union(sockets)
    for name in present.sorted() where links[name] == nil { await meet(name) }
    for (name, link) in links where !present.contains(name) {
      links[name] = nil
      await link.retire()
      context.updates.reachability(
        TargetState(name, isReachable: false, message: "was removed", isRemoved: true))
    }
  }

  private func meet(_ name: String) async {
    let updates = context.updates
    let log = context.log
    let link = DeviceLink(name, path: place.socket(of: name), loop: context.loop) { state in
      log.info(
        state.isReachable ? "a device can be reached" : "a device is away",
        ["device": .string(state.name), "why": .string(state.message)])
      updates.reachability(state)
    }
    links[name] = link
    await link.connect()
    // One that is away from the start is a target, too.
    updates.reachability(await link.target)
  }

  private func follow() async {
    do {
      while true {
        try await context.loop.waitReadable(inotify.descriptor.number)
        let events = try inotify.events()
        let appeared = events.filter { $0.watch == socketWatch }.compactMap {
          FleetPlace.device(ofSocket: $0.name)
        }
        let known = Set(links.keys)
        try await lookAround()
        for name in Set(appeared).sorted() where known.contains(name) {
          await links[name]?.connect()
        }
        guard events.contains(where: { $0.changes.contains(.overflow) }) else { continue }
        for link in links.values { await link.connect() }
      }
    } catch {
      // Without its eyes the driver would take devices for away for ever: its host starts another.
      context.log.fault("can't watch the fleet any more", ["error": "\(error)"])
      context.loop.stop()
    }
  }
}
