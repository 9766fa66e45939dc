import Glibc
import LinuxSystem
import TTRPC
import TestPlaces

/// A bash in a folder that looks like a checkout after `make stage`.
final class DocumentationSession {
  private let installation: Installation
  private let loop: EventLoop

  /// As in `RunningHost`: longer than anything takes that works.
  static let patience = RunningHost.patience

  init() throws {
    installation = try Installation()
    loop = try EventLoop.startThread("documentation")
    let root = installation.root
    try FileSystem.makeDirectories("\(root)/bin")
    try FileSystem.makeDirectories("\(root)/build")
    try link(BuiltProducts.path("mortise"), "\(root)/bin/mortise")
    try link(root, "\(root)/build/stage")
    try link("\(Installation.sources)/examples", "\(root)/examples")
  }

  deinit { loop.stop() }

  /// Runs the blocks one after the other in one shell, until one fails.
  ///
  /// - Returns: what each printed, standard error too; the one that failed is the last.
  func run(_ scripts: [String]) async throws -> [Outcome] {
    let root = installation.root
    var text = "set -u\n"
    for (index, script) in scripts.enumerated() {
      // Each block to a file of its own: what it starts in the background may go on writing.
      text += "exec >\(root)/block-\(index) 2>&1\nset -e\n\(script)\nset +e\n"
      text += "touch \(root)/passed-\(index)\n"
    }
    try AtomicFile.write(text.utf8, to: "\(root)/session.sh")
    var spec = ProcessSpec(
      .path("/bin/bash"), arguments: ["bash", "-m", "\(root)/session.sh"],
      // HOME marks all that is started here as this installation's, to be killed with it.
      environment: ["PATH": "/usr/bin:/bin", "HOME": "\(root)/", "LC_ALL": "C.UTF-8"])
    spec.workingDirectory = root
    let process = try spawn(spec)
    let loop = loop
    let isOver = await withTaskGroup(of: Bool.self) { group in
      group.addTask { (try? await loop.waitReadable(process.pidfd.descriptor.number)) != nil }
      group.addTask {
        try? await loop.sleep(for: Self.patience)
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    if !isOver { _ = try process.pidfd.signal(SIGKILL) }
    return try outcomes(scripts.count)
  }

  /// What the hosts that the page starts have logged; for whoever looks into a failure.
  var hostLog: String {
    (try? FileSystem.read("\(installation.root)/host.log")).map {
      String(decoding: $0, as: UTF8.self)
    } ?? "none"
  }

  struct Outcome {
    var output: String
    /// Whether all of its commands ended with 0.
    var isWhole: Bool
  }

  private func outcomes(_ count: Int) throws -> [Outcome] {
    var outcomes: [Outcome] = []
    for index in 0..<count {
      let path = "\(installation.root)/block-\(index)"
      guard try FileSystem.status(path) != nil else { break }
      outcomes.append(
        Outcome(
          output: String(decoding: try FileSystem.read(path), as: UTF8.self),
          isWhole: try FileSystem.status("\(installation.root)/passed-\(index)") != nil))
    }
    return outcomes
  }

  private func link(_ target: String, _ path: String) throws {
    guard symlink(target, path) == 0 else {
      throw SystemError(code: errno, call: "symlink", subject: path)
    }
  }
}
