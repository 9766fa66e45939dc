import Glibc
import LinuxSystem
import TestPlaces
import Testing

@testable import MortiseCLI

@Suite("completion in the shells themselves", .timeLimit(.minutes(10)))
struct CompletionShellTests {
  /// Runs a script with `mortise` in its PATH, answered by a host with one node.
  private func run(_ shell: String, _ arguments: [String], _ script: String) async throws
    -> [String]
  {
    let host = try FakeHost(HostRecord([CommandTests.running, CommandTests.blueprint]))
    defer { try? host.stop() }
    let folder = FileSystem.parent(of: host.path)
    try AtomicFile.write("".utf8, to: folder + "/node.yaml")
    let program = try ProgramProcess(
      running: .path("/usr/bin/" + shell), [shell] + arguments + [script],
      environment: [
        "PATH": BuiltProducts.directory + ":/usr/bin:/bin",
        "MORTISE_SOCKET": host.path, "HOME": folder, "FOLDER": folder, "LC_ALL": "C.UTF-8",
      ])
    var lines: [String] = []
    do {
      while true { lines.append(try await program.line()) }
    } catch is ProgramProcess.NoMoreLines {}
    let status = try await program.ended()
    let errors = try program.errorText()
    #expect(status == .exited(code: 0), "\(errors)")
    return lines
  }

  @Test(
    "bash",
    arguments: [
      ("mortise des", ["describe"]), ("mortise get st", ["statefulnodes"]),
      ("mortise get statefulnode ", ["redis"]),
      ("mortise describe statefulnode/r", ["statefulnode/redis"]),
      // bash itself replaces only what comes after the "=".
      ("mortise get nodes --output=js", ["json", "jsonpath="]),
      ("mortise apply -f $FOLDER/no", ["$FOLDER/node.yaml"]),
      ("mortise apply --file=$FOLDER/no", ["$FOLDER/node.yaml"]),
      ("mortise get nodes -n", []),
    ])
  func bash(line: String, offered: [String]) async throws {
    let script = """
      set -u; source <(mortise completion bash)
      complete -p mortise | grep -q -- '-F _mortise' || exit 1
      COMP_LINE="\(line)"; COMP_POINT=${#COMP_LINE}
      _mortise
      for word in "${COMPREPLY[@]}"; do echo "${word/#"$FOLDER"/'$FOLDER'}"; done
      """
    #expect(try await run("bash", ["--norc", "-c"], script) == offered)
  }

  @Test(
    "fish",
    arguments: [
      ("mortise des", ["describe"]), ("mortise get st", ["statefulnodes"]),
      ("mortise get statefulnode ", ["redis"]),
      ("mortise describe statefulnode/r", ["statefulnode/redis"]),
      ("mortise get nodes --output=js", ["--output=json", "--output=jsonpath="]),
    ])
  func fish(line: String, offered: [String]) async throws {
    let lines = try await run(
      "fish", ["--no-config", "-c"],
      "mortise completion fish | source; complete -C '\(line)'")
    #expect(lines.map { String($0.prefix { $0 != "\t" }) } == offered)
  }

  // What zsh's line editor would be given, by functions in its builtins' place: outside of the
  // editor they refuse to work.
  @Test(
    "zsh",
    arguments: [
      ("mortise des", ["describe"]), ("mortise get st", ["statefulnodes"]),
      ("mortise get statefulnode ''", ["redis"]),
      ("mortise describe statefulnode/r", ["statefulnode/redis"]),
      ("mortise get nodes --output=js", ["--output=json", "--output=jsonpath="]),
      ("mortise apply -f x", ["files"]),
    ])
  func zsh(line: String, offered: [String]) async throws {
    let script = """
      compdef() { [[ $1 == _mortise && $2 == mortise ]] || exit 1 }
      compset() { }
      _files() { print files }
      compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- "$@" }
      source <(mortise completion zsh)
      words=(\(line)); CURRENT=${#words}
      _mortise; exit 0
      """
    #expect(try await run("zsh", ["-f", "-c"], script) == offered)
  }
}
