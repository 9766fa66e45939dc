import LinuxSystem

/// A text file of the project, by its path from the project's root.
struct SourceFile {
  let path: String
  let text: String
  /// As written.
  let lines: [Substring]
  /// Code alone: comments and the insides of strings are blanked, line for line.
  let code: [Substring]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let blanked = path.hasSuffix(".swift") ? CodeBlanker.blank(text) : text
    code = blanked.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Checked in, but made by `make protos`: what it looks like is the generator's business.
  var isGenerated: Bool {
    path.contains("/Generated/") || path.contains("/generated/") || path.hasSuffix(".pb-c.h")
  }

  /// `Sources/GROUP/MODULE/…` or `plugins/NAME/…`; nil for anything else.
  var module: (group: String, name: String)? {
    let parts = path.split(separator: "/").map(String.init)
    if parts.count >= 4, parts[0] == "Sources" { return (parts[1], parts[2]) }
    if parts.count >= 3, parts[0] == "Sources" || parts[0] == "plugins" {
      return (parts[0], parts[1])
    }
    return nil
  }

  /// `path:line: message`, the line from 0.
  func finding(_ line: Int, _ message: String) -> String { "\(path):\(line + 1): \(message)" }
}

/// The project as it lies on disk.
enum SourceTree {
  /// The project's root, wherever it was cloned to.
  static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  /// Folders that are not the project's: what is built, staged or another tool's.
  private static let skipped: Set<String> = [".build", ".git", ".stage", "build", "node_modules"]

  static func files(under folders: [String]) throws -> [SourceFile] {
    var files: [SourceFile] = []
    for folder in folders { try collect(folder, into: &files) }
    return files
  }

  /// Of these files those in Swift that a person wrote.
  static func swift(under folders: [String]) throws -> [SourceFile] {
    try files(under: folders).filter { $0.path.hasSuffix(".swift") && !$0.isGenerated }
  }

  private static func collect(_ path: String, into files: inout [SourceFile]) throws {
    guard let status = try FileSystem.status("\(root)/\(path)") else { return }
    switch status.kind {
    case .directory:
      for name in try FileSystem.list("\(root)/\(path)") where !skipped.contains(name) {
        try collect("\(path)/\(name)", into: &files)
      }
    case .file:
      let bytes = try FileSystem.read("\(root)/\(path)")
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      files.append(SourceFile(path: path, text: text))
    case .symbolicLink, .socket, .other:
      return
    }
  }
}
