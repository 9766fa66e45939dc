import Glibc
import LinuxSystem
import TTRPC

/// The program that was built, as a process of its own.
final class ProgramProcess {
  let process: SpawnedProcess
  private let loop: EventLoop
  private let output: Pipe
  private let errors: Pipe
  private var pending: [UInt8] = []

  /// Beside the tests' own executable.
  static var executable: String {
    get throws {
      let bytes = try [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
        let length = readlink("/proc/self/exe", buffer.baseAddress!, buffer.count)
        guard length > 0 else { throw SystemError(code: errno, call: "readlink") }
        count = length
      }
      return FileSystem.parent(of: String(decoding: bytes, as: UTF8.self)) + "/mortise"
    }
  }

  init(_ arguments: [String], environment: [String: String]) throws {
    loop = try EventLoop.startThread("program")
    output = try Pipe()
    errors = try Pipe()
    process = try spawn(
      ProcessSpec(
        .path(try Self.executable), arguments: ["mortise"] + arguments, environment: environment,
        descriptors: [
          ProcessSpec.Mapping(output.writeEnd, as: 1), ProcessSpec.Mapping(errors.writeEnd, as: 2),
        ]))
    output.writeEnd.close()
    errors.writeEnd.close()
  }

  deinit { loop.stop() }

  struct NoMoreLines: Error {}

  /// The next line of its output.
  func line() async throws -> String {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
      }
      try await loop.waitReadable(output.readEnd.number)
      let bytes = try output.readEnd.read(upTo: 4096)
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
