import Glibc
import PluginSDK

/// Finds the executable file that an image name means: `<directory>/<name>/<tag>`.
struct ImageCatalog: Sendable {
  /// Searched in this order.
  let directories: [String]

  func executable(of image: ImageName) throws(DriverFailure) -> String {
    for directory in directories {
      let path = "\(directory)/\(image.name)/\(image.tag)"
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 {
        return path
      }
    }
    let places = directories.isEmpty ? "no directory at all" : directories.joined(separator: ", ")
    throw .final(
      "ImageNotFound",
      "image \(image) is in none of the image directories (searched: \(places)): "
        + "put an executable file at \(image.name)/\(image.tag) in one of them")
  }

  /// Every image of a template, so that a spec that can't run is refused before anything is done.
  func check(_ template: PodTemplate) throws(DriverFailure) {
    for container in template.all where container.command.isEmpty {
      _ = try executable(of: container.image)
    }
  }
}
