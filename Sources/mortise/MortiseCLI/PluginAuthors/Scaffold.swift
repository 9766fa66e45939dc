internal import Glibc
internal import LinuxSystem

/// Makes the folder of a new plugin from a checkout's templates, and from those files of its examples
/// that every plugin of the language needs.
struct Scaffold {
  private static let languages = ["swift", "go", "python"]
  private static let fileBytesMax = 1 << 20

  let language: String
  let name: String
  let checkout: String
  private let values: [(placeholder: String, value: String)]

  /// - Throws: exit code 2 where language or name can't be, 1 where no checkout is found.
  init(
    language: String, name: String, url: String?, checkout: String?, surroundings: Surroundings
  ) throws(CommandFailure) {
    guard Self.languages.contains(language) else {
      throw CommandFailure(
        .usage,
        "mortise: there is no template for \"\(language)\"; there is one for "
          + Self.languages.joined(separator: ", "))
    }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    let isLabel = parts.allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
    }
    guard isLabel, name.utf8.count <= 63, name.utf8.first.map({ $0 >= 97 }) ?? false else {
      throw CommandFailure(
        .usage,
        "mortise: \"\(name)\" can't be a plugin's name: write lower-case letters, digits "
          + "and dashes, a letter first")
    }
    self.language = language
    self.name = name
    self.checkout =
      if let checkout { checkout } else { try Self.findCheckout(surroundings) }
    let type = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    let package = url.map(Self.packageName) ?? "mortise"
    let dependency =
      url.map { ".package(url: \"\($0)\", branch: \"main\")" }
      ?? ".package(name: \"mortise\", path: \"\(self.checkout)\")"
    values = [
      ("@name@", name), ("@module@", parts.joined(separator: "_")), ("@Type@", type),
      ("@mortise@", self.checkout), ("@package@", package), ("@dependency@", dependency),
    ]
  }

  /// - Returns: the plugin's folder.
  /// - Throws: exit code 1 where something is there already, or a file can't be read or written.
  func write(into parent: String) throws(CommandFailure) -> String {
    let folder = "\(parent)/\(name)"
    do throws(SystemError) {
      if try FileSystem.status(folder) != nil {
        throw SystemError(code: EEXIST, call: "make", subject: folder)
      }
      try copy("\(checkout)/templates/plugin/\(language)", to: folder)
      let shared = String(
        decoding: try FileSystem.read("\(checkout)/templates/plugin/\(language).shared"),
        as: UTF8.self)
      for line in shared.split(separator: "\n") {
        let paths = line.split(separator: " ").map(String.init)
        try copy("\(checkout)/\(paths[0])", to: "\(folder)/\(filled(paths[1]))")
      }
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
    return folder
  }

  private func copy(_ source: String, to target: String) throws(SystemError) {
    if try FileSystem.status(source)?.kind == .directory {
      for name in try FileSystem.list(source) {
        try copy("\(source)/\(name)", to: "\(target)/\(filled(name))")
      }
      return
    }
    try FileSystem.makeDirectories(FileSystem.parent(of: target))
    let text = String(
      decoding: try FileSystem.read(source, limit: Self.fileBytesMax), as: UTF8.self)
    try AtomicFile.write(filled(text).utf8, to: target)
  }

  private func filled(_ text: String) -> String {
    var text = text
    for (placeholder, value) in values {
      text = text.split(separator: placeholder, omittingEmptySubsequences: false)
        .joined(separator: value)
    }
    return text
  }

  /// The package's identity, as its users name it: the last part of its URL.
  private static func packageName(_ url: String) -> String {
    let last = url.split(separator: "/").last.map(String.init) ?? url
    return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
  }

  /// The checkout that this program was built in, or the one around the working directory.
  private static func findCheckout(_ surroundings: Surroundings) throws(CommandFailure) -> String {
    let program = (try? FileSystem.target(ofLink: "/proc/self/exe")) ?? ""
    for start in [program, surroundings.workingDirectory] {
      var folder = start
      while folder != "/", folder != "." {
        if ((try? FileSystem.status("\(folder)/templates/plugin")) ?? nil) != nil { return folder }
        folder = FileSystem.parent(of: folder)
      }
    }
    throw CommandFailure(
      .failed,
      "mortise: no checkout of Mortise lies around this program or the working directory; "
        + "name one by --from")
  }

}
