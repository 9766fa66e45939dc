import Glibc
import LinuxSystem

@testable import TTRPC

/// The stock Go program of `Tests/Peers/go`, built once for each run of the tests.
struct GoPeer {
  /// Without Go the tests are skipped, except in CI, where they must not be missing unseen.
  static let mustRun = find("go") != nil || getenv("CI").map { String(cString: $0) } == "true"

  let output: Descriptor
  private let process: SpawnedProcess
  /// The peer ends when this is closed.
  private let input: Descriptor

  /// Starts `peer COMMAND SOCKET`.
  init(_ command: String, _ socket: String) async throws {
    let program = try await Self.builder.program()
    let (input, output) = (try Pipe(), try Pipe())
    let errors = Descriptor(owning: dup(STDERR_FILENO))
    process = try spawn(
      ProcessSpec(
        .path(program), arguments: ["peer", command, socket],
        descriptors: [
          .init(input.readEnd, as: 0), .init(output.writeEnd, as: 1), .init(errors, as: 2),
        ]))
    self.input = input.writeEnd
    self.output = output.readEnd
    try self.output.setNonblocking()
  }

  /// What it prints until it has printed `end`, or all that it prints.
  func text(until end: String? = nil) async throws -> String {
    var text = ""
    while end.map({ !text.hasSuffix($0) }) ?? true {
      try await RawPeer.loop.waitReadable(output.number)
      let bytes = try output.read(upTo: 4096)
      if bytes.isEmpty { break }
      text += String(decoding: bytes, as: UTF8.self)
    }
    return text
  }

  /// Lets it end and tells how it did.
  func finish() async throws -> ExitStatus? {
    input.close()
    return try await Self.exit(of: process)
  }

  fileprivate static func exit(of process: SpawnedProcess) async throws -> ExitStatus? {
    try await RawPeer.loop.waitReadable(process.pidfd.descriptor.number)
    return try process.pidfd.reap()
  }

  fileprivate static func find(_ program: String) -> String? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }.first {
      access($0, X_OK) == 0
    }
  }

  private static let builder = GoPeerBuilder()
}

/// Builds the peer at its first use, whoever comes first.
private actor GoPeerBuilder {
  private var building: Task<String, any Error>?

  func program() async throws -> String {
    let task = building ?? Task { try await Self.build() }
    building = task
    return try await task.value
  }

  private static func build() async throws -> String {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    guard let go = GoPeer.find("go") else {
      throw SystemError(
        code: ENOENT, call: "find",
        subject: "go (apt-get install golang-go "
          + "golang-github-containerd-ttrpc-dev)")
    }
    let program = "\(root)/.build/go/peer"
    try FileSystem.makeDirectories("\(root)/.build/go")
    let errors = Descriptor(owning: dup(STDERR_FILENO))
    let process = try spawn(
      ProcessSpec(
        .path(go), arguments: ["go", "build", "-o", program, "."],
        environment: [
          "PATH": "/usr/local/go/bin:/usr/bin:/bin", "GO111MODULE": "off",
          "CGO_ENABLED": "0",
          "GOPATH": "/usr/share/gocode", "GOCACHE": "\(root)/.build/go/cache",
          "HOME": "\(root)/.build/go",
        ],
        workingDirectory: "\(root)/Tests/Peers/go", descriptors: [.init(errors, as: 2)]))
    let status = try await GoPeer.exit(of: process)
    guard status?.isSuccess == true else {
      throw SystemError(code: ENOEXEC, call: "go build", subject: "Tests/Peers/go, see above")
    }
    return program
  }
}
