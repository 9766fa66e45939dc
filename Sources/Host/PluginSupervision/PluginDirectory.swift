public import LinuxSystem
public import Manifests
internal import Model

/// A directory of installed plugins: `<path>/<name>/plugin.yaml` each, and
/// `<path>/<name>@<version>/plugin.yaml` for versions beside it.
public struct PluginDirectory: Sendable {
  public let path: String

  /// - Parameter path: absolute.
  public init(path: String) {
    self.path = path
  }

  static let socketSuffix = ".sock"

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
    /// File names of sockets, sorted: NAME.sock each.
    var sockets: [String] = []
    /// By the folder's name.
    public var problems: [(folder: String, error: ManifestError)] = []
  }

  /// What an external plugin goes by: the plugin.yaml of its name and version, or else of the highest
  /// version.
  func rules(for name: String, version: String) -> PluginManifest? {
    // A directory that can't be listed now is told by whoever follows it.
    let candidates = (try? discover())?.manifests.filter { $0.name == name } ?? []
    func order(_ manifest: PluginManifest) -> SemanticVersion {
      SemanticVersion(manifest.version) ?? SemanticVersion(0, 0, 0)
    }
    return candidates.first { $0.version == version }
      ?? candidates.max { order($0) < order($1) }
  }

  /// Reads what is installed. Folders without a plugin.yaml and other files are none of its.
  ///
  /// - Throws: where the directory itself can't be listed.
  public func discover() throws(SystemError) -> Contents {
    var contents = Contents()
    for name in try FileSystem.list(path) where !name.hasPrefix(".") {
      let folder = "\(path)/\(name)"
      if name.hasSuffix(Self.socketSuffix), try FileSystem.status(folder)?.kind == .socket {
        contents.sockets.append(name)
        continue
      }
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
