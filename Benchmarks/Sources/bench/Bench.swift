import Glibc
import JSON
import LinuxSystem
import Synchronization
import TTRPC

/// What a run is asked for.
struct BenchOptions {
  /// Where the programs are that were built.
  var programs = ""
  /// Where Benchmarks/ is: plugins come from there, results go there.
  var package = ""
  /// Few rounds of few calls: for a look, not for the record.
  var isQuick = false
  /// "echo", "engine", or one part of the engine; nil = everything.
  var only: String?

  init(_ arguments: [String]) throws {
    var rest = arguments.dropFirst()
    while let option = rest.popFirst() {
      switch option {
      case "--quick": isQuick = true
      case "--programs": programs = rest.popFirst() ?? ""
      case "--package": package = rest.popFirst() ?? ""
      case "--only": only = rest.popFirst()
      default: throw BenchmarkError("no option \(option)")
      }
    }
    if programs.isEmpty || package.isEmpty {
      throw BenchmarkError(
        "usage: bench --programs DIRECTORY --package DIRECTORY [--quick] [--only PART]")
    }
    let parts = ["echo", "engine"] + EngineBench.Part.allCases.map(\.rawValue)
    if let only, !parts.contains(only) {
      throw BenchmarkError("no part \(only); there are \(parts.joined(separator: ", "))")
    }
  }
}

/// A whole run: everything that is measured, and what is written of it.
struct Bench {
  let options: BenchOptions
  private let directory: String

  init(_ options: BenchOptions) throws {
    self.options = options
    var template = Array("/tmp/mortise-bench.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkError("/tmp can't be written") }
    directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
  }

  func run() throws {
    defer { try? FileSystem.removeTree(directory) }
    _ = Machine.load
    var results = Results()
    if options.only == nil || options.only == "echo" {
      let (peers, missing) = EchoPeer.all(in: options.programs)
      results.omissions += missing.map { "\($0): its program was not built" }
      try EchoBench(
        peers: peers, rounds: options.isQuick ? 2 : 7, share: options.isQuick ? 0.1 : 1,
        directory: directory
      ).run(into: &results)
    }
    if options.only != "echo" { try measureEngine(into: &results) }
    print(results.text)
    try write(results)
  }

  /// On a loop of its own, which is this thread's for as long.
  private func measureEngine(into results: inout Results) throws {
    let loop = try EventLoop(name: "bench")
    let engine = EngineBench(
      programs: options.programs, package: options.package, directory: directory,
      isQuick: options.isQuick, loop: loop)
    let part = options.only.flatMap(EngineBench.Part.init)
    let outcome = Mutex<Result<Results, any Error>?>(nil)
    loop.spawn { [present = results] in
      var results = present
      do {
        try await engine.run(part.map { [$0] } ?? EngineBench.Part.allCases, into: &results)
        outcome.withLock { [results] in $0 = .success(results) }
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      loop.stop()
    }
    loop.run()
    guard let outcome = outcome.withLock({ $0 }) else { preconditionFailure("the loop ran") }
    results = try outcome.get()
  }

  private func write(_ results: Results) throws {
    let folder = "\(options.package)/results"
    try FileSystem.makeDirectories(folder)
    try AtomicFile.write(
      Array("\(results.json.prettyPrinted())\n".utf8), to: "\(folder)/latest.json", mode: 0o644)
    for picture in results.pictures {
      try AtomicFile.write(
        Array(picture.svg.utf8), to: "\(folder)/\(picture.id).svg", mode: 0o644)
    }
  }
}

/// Tells on standard error how far the run is.
func say(_ text: String) { complain(text) }

func complain(_ text: String) {
  let line = Array("\(text)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
