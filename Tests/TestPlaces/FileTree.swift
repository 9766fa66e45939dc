public import LinuxSystem

/// What a test finds below a directory.
public enum FileTree {
  /// Absolute paths of all regular files; links are not followed. What goes away meanwhile is left out.
  ///
  /// - Throws: where the directory itself can't be listed.
  public static func files(below path: String) throws(SystemError) -> [String] {
    var found: [String] = []
    for name in try FileSystem.list(path) {
      let child = "\(path)/\(name)"
      switch try FileSystem.status(child)?.kind {
      case .directory: found += try files(below: child)
      case .file: found.append(child)
      default: break
      }
    }
    return found
  }
}
