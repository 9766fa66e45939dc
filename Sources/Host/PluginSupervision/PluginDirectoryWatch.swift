internal import LinuxSystem
internal import TTRPC

/// Tells when something changed in a plugin directory or in one of its folders.
///
/// - Isolation: confined to the task that follows it.
struct PluginDirectoryWatch: Sendable {
  /// How long nothing may happen before the directory is looked at: what is being written is
  /// looked at once, when it is whole.
  static let settlingTime = Duration.milliseconds(100)

  private let path: String
  private let inotify: Inotify

  init(_ path: String) throws(SystemError) {
    self.path = path
    inotify = try Inotify()
    _ = try inotify.watch(path, for: .entries)
  }

  /// Returns when something changed and then nothing did for a while.
  ///
  /// The folders are watched before the directory is listed by whoever called, so nothing is missed.
  /// - Throws: where the task is cancelled.
  func next(on loop: EventLoop) async throws {
    watchFolders()
    try await loop.waitReadable(inotify.descriptor.number)
    while try !inotify.events().isEmpty {
      try await loop.sleep(for: Self.settlingTime)
    }
    watchFolders()
  }

  /// A folder that went is not watched any more by itself; one that can't be watched is looked at
  /// when something else changes.
  private func watchFolders() {
    for name in (try? FileSystem.list(path)) ?? [] where !name.hasPrefix(".") {
      let folder = "\(path)/\(name)"
      guard (try? FileSystem.status(folder))??.kind == .directory else { continue }
      _ = try? inotify.watch(folder, for: .entries)
    }
  }
}
