import Glibc
import LinuxSystem
import TTRPC

/// `mortise-device run`: one device in this process, or several in processes of their own.
enum DeviceRun {
  static func run(_ line: DeviceCommandLine) throws -> Int32 {
    SignalFD.ignore(SIGPIPE)
    let termination = try SignalFD([SIGTERM, SIGINT])
    let loop = try EventLoop(name: "mortise-device")
    if line.names.count == 1 {
      try serve(line.names[0], line.place, loop, termination)
    } else {
      try startAll(line.names, line.place, loop, termination)
    }
    loop.run()
    return 0
  }

  private static func serve(
    _ name: String, _ place: FleetPlace, _ loop: EventLoop, _ termination: SignalFD
  ) throws {
    let server = try DeviceServer(place, name: name, loop: loop)
    loop.spawn {
      do {
        try await server.run()
      } catch {
        DeviceServer.die("\(name): \(error)")
      }
    }
    loop.spawn {
      do {
        try await loop.waitReadable(termination.descriptor.number)
        try await server.goOffline()
      } catch {
        DeviceServer.die("\(name): \(error)")
      }
      loop.stop()
    }
  }

  /// The devices end with this process, however it ends; it ends with the last of them.
  private static func startAll(
    _ names: [String], _ place: FleetPlace, _ loop: EventLoop, _ termination: SignalFD
  ) throws {
    var children: [SpawnedProcess] = []
    for name in names {
      var spec = ProcessSpec(
        .path(try FileSystem.target(ofLink: "/proc/self/exe")),
        arguments: ["mortise-device", "run", "--fleet", place.root, name],
        descriptors: [.init(Descriptor(owning: dup(STDERR_FILENO)), as: STDERR_FILENO)])
      spec.parentDeathSignal = SIGTERM
      let child = try spawn(spec)
      DeviceCommand.say("\(name) \(child.pid)")
      children.append(child)
    }
    let started = children
    loop.spawn {
      for child in started {
        try? await loop.waitReadable(child.pidfd.descriptor.number)
        _ = try? child.pidfd.reap()
      }
      loop.stop()
    }
    loop.spawn {
      try? await loop.waitReadable(termination.descriptor.number)
      for child in started { _ = try? child.pidfd.signal(SIGTERM) }
    }
  }

}
