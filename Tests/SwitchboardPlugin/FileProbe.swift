import LinuxSystem

/// What defects ask of the file system.
enum FileProbe {
  static func exists(_ path: String) -> Bool {
    ((try? FileSystem.status(path)) ?? nil) != nil
  }
}
