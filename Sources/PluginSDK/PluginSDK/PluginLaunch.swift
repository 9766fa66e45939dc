import Glibc
package import LinuxSystem

/// What a plugin's process was started with.
package struct PluginLaunch {
  package let listener: Descriptor
  /// Ends with the host; nil where nobody handed one over.
  let liveness: Descriptor?
  /// The process that may call; nil where anyone of this user may.
  let host: Int32?

  init(
    arguments: [String], environment: (String) -> String?
  ) throws {
    switch (arguments.count, arguments.dropFirst().first) {
    case (3, "--socket"):
      try Self.clear(arguments[2])
      listener = try UnixSocket.listen(arguments[2])
      host = nil
    case (1, nil):
      guard let descriptor = try Self.descriptor("MORTISE_LISTEN_FD", environment) else {
        throw PluginLaunchError(
          description: "MORTISE_LISTEN_FD is not set: this plugin is started by a Mortise host. "
            + "To debug it, start it with --socket PATH")
      }
      listener = descriptor
      // Other plugins are of the same user; what started this one is its host as long as it lives.
      host = getppid()
    default:
      throw PluginLaunchError(
        description: "unexpected arguments; usage: \(arguments.first ?? "plugin") [--socket PATH]")
    }
    try listener.setNonblocking()
    liveness = try Self.descriptor("MORTISE_LIVENESS_FD", environment)
  }

  /// Removes the socket of a process that is gone: a debugger leaves one whenever it ends the plugin.
  private static func clear(_ path: String) throws {
    guard try FileSystem.status(path)?.kind == .socket else { return }
    do throws(SystemError) {
      _ = try UnixSocket.connect(path)
    } catch {
      if error.code == ECONNREFUSED { try FileSystem.remove(path) }
    }
  }

  private static func descriptor(
    _ name: String, _ environment: (String) -> String?
  ) throws -> Descriptor? {
    guard let text = environment(name) else { return nil }
    guard let number = Int32(text), number > 2 else {
      throw PluginLaunchError(description: "\(name) is \"\(text)\", not the number of a descriptor")
    }
    return try Descriptor.adopt(number)
  }
}

/// Why a plugin can't start.
struct PluginLaunchError: Error, CustomStringConvertible {
  let description: String
}
