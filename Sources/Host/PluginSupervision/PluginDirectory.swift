public import LinuxSystem
public import Manifests

/// A directory of installed plugins: `<path>/<name>/plugin.yaml` each.
public struct PluginDirectory: Sendable {
  public let path: String

  /// - Parameter path: absolute.
  public init(path: String) {
    self.path = path
  }

  /// What is installed: a folder whose plugin.yaml is wrong does not stop the others.
  public struct Contents: Sendable {
    /// Sorted by name.
    public var manifests: [PluginManifest] = []
    /// By the folder's name.
    public var problems: [(folder: String, error: ManifestError)] = []
  }

  /// Reads what is installed. Folders without a plugin.yaml and other files are none of its.
  ///
  /// - Throws: where the directory itself can't be listed.
  public func discover() throws(SystemError) -> Contents {
    var contents = Contents()
    for name in try FileSystem.list(path) where !name.hasPrefix(".") {
      let folder = "\(path)/\(name)"
      guard try FileSystem.status("\(folder)/\(PluginManifest.fileName)") != nil else { continue }
      do throws(ManifestError) {
        contents.manifests.append(try PluginManifest.read(folder: folder))
      } catch {
        contents.problems.append((name, error))
      }
    }
    return contents
  }
}
