public import LinuxSystem
public import Manifests

/// A directory of installed plugins: `<path>/<name>/plugin.yaml` each, and
/// `<path>/<name>@<version>/plugin.yaml` for versions beside it.
public struct PluginDirectory: Sendable {
  public let path: String

  /// - Parameter path: absolute.
  public init(path: String) {
    self.path = path
  }

  /// A version as it stands in its folder.
  struct Installed: Sendable, Equatable {
    var manifest: PluginManifest
    /// Of the executable; nil where there is none yet.
    var stamp: FileStamp?
  }

  /// What is installed: a folder whose plugin.yaml is wrong does not stop the others.
  public struct Contents: Sendable {
    /// Sorted by folder.
    var installed: [Installed] = []
    public var manifests: [PluginManifest] { installed.map(\.manifest) }
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
        let manifest = try PluginManifest.read(folder: folder)
        contents.installed.append(
          Installed(manifest: manifest, stamp: FileStamp(path: manifest.executable)))
      } catch {
        contents.problems.append((name, error))
      }
    }
    return contents
  }
}
