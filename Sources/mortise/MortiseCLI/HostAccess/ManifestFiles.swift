internal import Glibc
internal import LinuxSystem
internal import Manifests
internal import PluginProto

/// The manifests that `-f` names: files, directories, standard input.
enum ManifestFiles {
  static let option = Option(
    "file", short: "f", .text("FILE"),
    "A manifest: a file, a directory (its .yaml, .yml and .json files), or - for standard input",
    isRepeatable: true)

  /// Of all manifests of one command: they travel in one frame, together with their names.
  static let totalBytesMax = ManifestLimits.textBytes - (64 << 10)

  private static let endings = [".yaml", ".yml", ".json"]

  /// Reads them in the order given; files of a directory in the order of their names.
  ///
  /// - Throws: exit code 2 where a path can't be read or a directory holds no manifest.
  static func read(_ invocation: Invocation) throws(CommandFailure) -> [HostV1.Manifest] {
    var manifests: [HostV1.Manifest] = []
    for path in invocation.arguments.values(option) {
      do throws(SystemError) {
        if path == "-" {
          manifests.append(
            HostV1.Manifest(source: "stdin", content: try invocation.surroundings.readInput()))
        } else {
          for file in try files(path) { manifests.append(try manifest(file)) }
        }
      } catch {
        guard error.code != EFBIG else {
          throw tooLong(path == "-" ? "stdin" : error.subject ?? path)
        }
        throw CommandFailure(.usage, "mortise: can't read the manifest: \(error)")
      }
    }
    let bytes = manifests.map(\.content.count).reduce(0, +)
    guard bytes <= totalBytesMax else {
      throw CommandFailure(
        .refused,
        "mortise: the manifests have \(bytes) bytes together, and one command takes "
          + "\(totalBytesMax): apply them in several")
    }
    guard !manifests.isEmpty else {
      let paths = invocation.arguments.values(option).joined(separator: ", ")
      throw CommandFailure(
        .usage, "mortise: no manifest in \(paths): no file ends in .yaml, .yml or .json")
    }
    return manifests
  }

  private static func manifest(_ path: String) throws(SystemError) -> HostV1.Manifest {
    HostV1.Manifest(
      source: path, content: try FileSystem.read(path, limit: ManifestLimits.textBytes))
  }

  private static func tooLong(_ source: String) -> CommandFailure {
    CommandFailure(
      .refused,
      "\(source): is longer than \(ManifestLimits.textBytes) bytes: split it into several files")
  }

  private static func files(_ path: String) throws(SystemError) -> [String] {
    // A directory is recognised by listing it, so that links to directories work.
    do throws(SystemError) {
      return try FileSystem.list(path).filter { name in
        endings.contains { name.hasSuffix($0) } && !name.hasPrefix(".")
      }.map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }
    } catch  where error.code == ENOTDIR {
      return [path]
    }
  }
}
