import Glibc
import GroupKeys
import JSON
import LinuxSystem
import TTRPC

/// A device's process: its table, its clock, its socket, and one controller at a time.
///
/// - Isolation: an actor on the process's one event loop. Writes to disk hold it up on purpose: a device
///   answers nobody before its table is safe.
actor DeviceServer {
  nonisolated let loop: EventLoop
  private let place: FleetPlace
  private let name: String
  private let inotify: Inotify
  /// Held as long as the process lives: two processes of one device would break its log.
  private let lock: FileLock
  private var settings: DeviceSettings
  private var store: DeviceStore
  private var listener: Descriptor?
  /// The newest controller that said hello; what older ones still send is not read.
  private var controller: LineChannel?

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// - Throws: the device runs already, or its files can't be read.
  init(_ place: FleetPlace, name: String, loop: EventLoop) throws {
    self.place = place
    self.name = name
    self.loop = loop
    try place.make()
    try FileSystem.makeDirectories(place.directory(of: name), mode: 0o700)
    lock = try Self.lock(place, name)
    try AtomicFile.write("\(getpid())\n".utf8, to: place.pid(of: name))
    inotify = try Inotify()
    _ = try inotify.watch(place.directory(of: name), for: [.movedTo])
    settings = try DeviceSettings.read(place, name)
    store = try DeviceStore(place, device: name, atMicroseconds: Self.wallMicroseconds())
  }

  /// A process that was killed a moment ago may still be on its way out: it is waited for a little.
  private static func lock(_ place: FleetPlace, _ name: String) throws -> FileLock {
    let (attempts, pauseMicroseconds) = (100, useconds_t(20_000))
    for _ in 0..<attempts {
      if let lock = try FileLock.acquire("\(place.directory(of: name))/lock") { return lock }
      usleep(pauseMicroseconds)
    }
    throw TableFormatError("device \(name) runs already in \(place.root)")
  }

  private static func wallMicroseconds() -> Int64 { WallTime.nowUnixMS() * 1000 }

  /// Serves until the process ends.
  func run() async throws {
    try settle()
    while true {
      try await loop.waitReadable(inotify.descriptor.number)
      let file = "settings.json"
      guard try inotify.events().contains(where: { $0.name == file }) else { continue }
      settings = try DeviceSettings.read(place, name)
      try settle()
    }
  }

  /// Is as the settings say. Being cut off comes before it is logged and being back after, so that the log
  /// never counts a device as cut off that still talks.
  private func settle() throws {
    if !settings.isOnline { try goOffline() }
    try store.take(settings, atMicroseconds: Self.wallMicroseconds())
    if settings.isOnline, listener == nil { try goOnline() }
  }

  /// The socket appears under its name once it takes connections.
  private func goOnline() throws {
    let path = place.socket(of: name)
    let fresh = "\(place.sockets)/.\(name).\(getpid())"
    try FileSystem.remove(fresh)
    let socket = try UnixSocket.listen(fresh)
    try FileSystem.rename(fresh, to: path)
    listener = socket
    loop.spawn { await self.accept(socket) }
  }

  /// Nobody reaches the device any more; also at its end.
  func goOffline() throws(SystemError) {
    guard let socket = listener else { return }
    listener = nil
    try FileSystem.remove(place.socket(of: name))
    shutdown(socket.number, Int32(SHUT_RDWR))
    controller?.close()
    controller = nil
  }

  private func accept(_ socket: Descriptor) async {
    do {
      while listener === socket {
        if let connection = try UnixSocket.accept(socket) {
          let channel = LineChannel(connection, on: loop)
          loop.spawn { await self.serve(channel) }
        } else {
          try await loop.waitReadable(socket.number)
        }
      }
    } catch {
      // Closed because the device was cut off; else the device can't go on.
      if listener === socket { Self.die("can't accept connections: \(error)") }
    }
  }

  private func serve(_ channel: LineChannel) async {
    defer { if controller === channel { controller = nil } }
    do {
      guard let hello = try await channel.next(), hello["op"]?.string == "hello",
        listener != nil
      else { return }
      controller?.close()
      controller = channel
      try await channel.send(answer(hello))
      while let request = try await channel.next(), controller === channel {
        try await channel.send(answer(request))
      }
    } catch {
      // The connection broke: its controller makes another.
    }
  }

  private func answer(_ request: JSONValue) -> JSONValue {
    var answer = JSONObject()
    answer["id"] = request["id"]
    do {
      switch request["op"]?.string {
      case "hello", "read": break
      case "change":
        let change = try SecretChange(request["change"] ?? .null)
        answer["changed"] = .bool(
          try store.make(
            change, within: settings.capacity, atMicroseconds: Self.wallMicroseconds()))
      case let op: throw TableRefusal(.invalid, "a device does not know the op \"\(op ?? "")\"")
      }
      answer["state"] =
        DeviceReading(
          atMicroseconds: clock.microseconds, capacity: settings.capacity, table: store.entry.table
        ).json
    } catch let refusal as TableRefusal {
      answer["refused"] = [
        "reason": .string(refusal.reason.rawValue), "message": .string(refusal.message),
      ]
    } catch let error as TableFormatError {
      answer["refused"] = [
        "reason": .string(TableRefusal.Reason.invalid.rawValue),
        "message": .string(error.description),
      ]
    } catch {
      Self.die("can't write its table: \(error)")
    }
    return .object(answer)
  }

  private var clock: DeviceTime {
    DeviceTime(
      wallMicroseconds: Self.wallMicroseconds(), skewMicroseconds: settings.skewMicroseconds)
  }

  /// The disk or the socket failed: what is on disk counts, and the next process takes it up.
  static func die(_ problem: String) -> Never {
    DeviceCommand.complain(problem)
    exit(1)
  }
}
