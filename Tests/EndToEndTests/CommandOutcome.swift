import Glibc
import LinuxSystem
import TTRPC
import TestPlaces

/// What a run of the command line came to.
struct CommandOutcome: Sendable {
  var code: Int32?
  var output: String
  var errors: String
}

extension RunningHost {
  /// Runs the command line against this host until it ends.
  func mortise(_ arguments: String...) async throws -> CommandOutcome {
    try await mortise(arguments)
  }

  /// As above.
  func mortise(_ arguments: [String]) async throws -> CommandOutcome {
    let directory = try FileSystem.makeTemporaryDirectory("\(installation.root)/command.")
    let process = try start(arguments, in: directory)
    let status = try await within("the end of mortise \(arguments.joined(separator: " "))") {
      [loop] in
      while true {
        if let status = try process.pidfd.reap() { return status }
        try await loop.waitReadable(process.pidfd.descriptor.number)
      }
    }
    func text(_ name: String) throws -> String {
      String(decoding: try FileSystem.read("\(directory)/\(name)"), as: UTF8.self)
    }
    var code: Int32?
    if case .exited(let number) = status { code = number }
    return CommandOutcome(code: code, output: try text("output"), errors: try text("errors"))
  }

  private func start(_ arguments: [String], in directory: String) throws -> SpawnedProcess {
    let flags = O_WRONLY | O_CREAT | O_APPEND
    let output = try Descriptor.open("\(directory)/output", flags, mode: 0o600)
    let errors = try Descriptor.open("\(directory)/errors", flags, mode: 0o600)
    return try spawn(
      ProcessSpec(
        .path(BuiltProducts.path("mortise")),
        arguments: ["mortise", "--socket", installation.socket] + arguments,
        environment: ["PATH": "/usr/bin:/bin", "HOME": installation.root],
        descriptors: [.init(output, as: 1), .init(errors, as: 2)]))
  }
}
