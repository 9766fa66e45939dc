import Glibc
import LinuxSystem
import TTRPC
import TestPlaces

/// The program that was built, as a process of its own.
final class ProgramProcess {
  let process: SpawnedProcess
  private let loop: EventLoop
  private let output: Pipe
  private let errors: Pipe
  private var pending: [UInt8] = []
  private var pendingErrors: [UInt8] = []

  convenience init(_ arguments: [String], environment: [String: String]) throws {
    try self.init(
      running: .path(BuiltProducts.path("mortise")), ["mortise"] + arguments,
      environment: environment)
  }

  /// Another program, such as a shell that runs the one that was built.
  init(
    running program: ProcessSpec.Executable, _ arguments: [String], environment: [String: String]
  ) throws {
    loop = try EventLoop.startThread("program")
    output = try Pipe()
    errors = try Pipe()
    process = try spawn(
      ProcessSpec(
        program, arguments: arguments, environment: environment,
        descriptors: [
          ProcessSpec.Mapping(output.writeEnd, as: 1), ProcessSpec.Mapping(errors.writeEnd, as: 2),
        ]))
    output.writeEnd.close()
    errors.writeEnd.close()
  }

  deinit {
    // Of a test that failed; one that ended already can't be signalled.
    _ = try? process.pidfd.signal(SIGKILL)
    loop.stop()
  }

  struct NoMoreLines: Error {}

  /// The next line of its output.
  func line() async throws -> String {
    try await line(from: output.readEnd, &pending)
  }

  /// The next line of its output that holds the text; those before it are passed over.
  func outputLine(with text: String) async throws {
    while try await !line().contains(text) {}
  }

  /// The next line of its standard error that holds the text; those before it are passed over.
  @discardableResult
  func errorLine(with text: String) async throws -> String {
    while true {
      let line = try await line(from: errors.readEnd, &pendingErrors)
      if line.contains(text) { return line }
    }
  }

  private func line(from descriptor: Descriptor, _ pending: inout [UInt8]) async throws -> String {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      try await loop.waitReadable(descriptor.number)
      let bytes = try descriptor.read(upTo: 4096)
      if bytes.isEmpty { throw NoMoreLines() }
      pending += bytes
    }
  }

  /// All that it wrote to standard error, once it has ended.
  func errorText() throws -> String {
    String(decoding: try errors.readEnd.readToEnd(limit: 1 << 20), as: UTF8.self)
  }

  func ended() async throws -> ExitStatus {
    while true {
      if let status = try process.pidfd.reap() { return status }
      try await loop.waitReadable(process.pidfd.descriptor.number)
    }
  }
}
