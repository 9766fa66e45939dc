import Testing

/// A file that breaks rules, or keeps them, on purpose.
private func sample(_ text: String, path: String = "Sources/Host/Daemon/Sample.swift") -> SourceFile
{
  SourceFile(path: path, text: text)
}

/// All that is wrong, one a line, so that a failure can be read.
private func list(_ findings: [String]) -> Comment {
  Comment(rawValue: "\n" + findings.joined(separator: "\n"))
}

private let shipped = ["Sources", "plugins"]
private let everything = shipped + ["Tests", "examples", "Benchmarks"]

@Suite("The source tree keeps the rules of the house")
struct TidyTests {
  @Test("strings and comments are no code")
  func blanking() {
    let text = #"""
      let a = "} // \(f("}{")) /*" // {
      /* { /* } */ { */ let b = #"\("# + "\\" + "\""
      """#
    #expect(words(CodeBlanker.blank(text)) == ["let", "a", "=", "let", "b", "=", "+", "+"])
    let long = "let c = \"\"\"\n  { \"x\" }\n  \"\"\" + d"
    #expect(words(CodeBlanker.blank(long)) == ["let", "c", "=", "+", "d"])
    #expect(
      CodeBlanker.blank(long).split(separator: "\n", omittingEmptySubsequences: false).count == 3)
  }

  @Test("no process is signalled by a bare pid")
  func signals() throws {
    let findings = try SourceTree.files(under: shipped).flatMap(SignalRules.findings)
    #expect(findings.isEmpty, list(findings))
  }

  @Test(
    "a signal to a bare pid is found, and nothing else is taken for one",
    arguments: [
      ("kill(pid, SIGTERM)", true), ("_ = Glibc.kill(-group, 9)", true), ("killpg(a, b)", true),
      ("kill(getpid(), SIGKILL)", false), ("process.kill(one, two)", false), ("kill()", false),
      ("func kill(_ a: Int, b: Int) {", false), ("try await kill([process])", false),
    ])
  func badSignals(_ text: String, isBad: Bool) {
    #expect(SignalRules.findings(sample(text)).isEmpty != isBad)
  }

  @Test("imports follow the house's direction")
  func imports() throws {
    let files = try SourceTree.files(under: shipped).filter { !$0.isGenerated }
    let findings = ImportRules(files: files).findings(
      Import.all(in: files.filter { $0.path.hasSuffix(".swift") }))
    #expect(findings.isEmpty, list(findings))
  }

  @Test(
    "an import against the house's direction is found",
    arguments: [
      ("Sources/PluginSDK/TTRPC/A.swift", "import Model"),
      ("Sources/PluginSDK/TTRPC/A.swift", "internal import Workload"),
      ("Sources/BuiltinTasks/Workload/A.swift", "import Model"),
      ("Sources/BuiltinTasks/Workload/A.swift", "import CLinux"),
      ("Sources/BuiltinTasks/Workload/A.swift", "import FoundationEssentials"),
      ("plugins/workload/main.swift", "import Storage"),
      ("Sources/Host/Model/A.swift", "internal import Glibc"),
      ("Sources/Host/Model/A.swift", "internal import CDigest"),
      ("Sources/Host/Planning/A.swift", "public import LinuxSystem"),
      ("Sources/Host/Planning/A.swift", "import Execution"),
      ("Sources/Host/Execution/A.swift", "@preconcurrency import TTRPC"),
      ("Sources/Host/Convergence/A.swift", "import struct Storage.SQLiteStore"),
      ("Sources/Host/Daemon/A.swift", "import Workload"),
      ("Sources/ConformanceKit/Run/A.swift", "import Testing"),
      ("Sources/ConformanceKit/Run/A.swift", "import Model"),
      ("Sources/Host/Daemon/A.swift", "import Foundation"),
      ("Sources/PluginSDK/LinuxSystem/A.swift", "public import CLinux"),
      ("Sources/Host/Daemon/A.swift", "import CDigest"),
    ])
  func badImports(_ path: String, _ text: String) {
    let house =
      [
        "Sources/PluginSDK/TTRPC", "Sources/PluginSDK/LinuxSystem", "Sources/Host/Model",
        "Sources/Host/Storage", "Sources/Host/Execution", "Sources/BuiltinTasks/Workload",
      ].map { sample("", path: "\($0)/B.swift") }
      + ["Sources/PluginSDK/CLinux", "Sources/Host/CDigest"].map {
        sample("", path: "\($0)/module.modulemap")
      }
      + [sample("internal import CDigest", path: "Sources/Host/Model/Digest.swift")]
    let rules = ImportRules(files: house)
    #expect(rules.findings(Import.all(in: house)).isEmpty)
    #expect(rules.findings(Import.all(in: house + [sample(text, path: path)])).count >= 1)
  }

  @Test("files and functions fit their limits")
  func lengths() throws {
    let findings = try SourceTree.swift(under: everything).flatMap(LengthRules.findings)
    #expect(findings.isEmpty, list(findings))
  }

  @Test("a long file and a long function are found, a long type and a requirement are not")
  func badLengths() {
    let body = { (count: Int) in String(repeating: "  let x = \"}\"\n", count: count) }
    #expect(LengthRules.findings(sample(body(501))).count == 1)
    #expect(LengthRules.findings(sample(body(500))).isEmpty)
    #expect(
      LengthRules.findings(sample("func f(\n  _ g: () -> Void = {}\n) {\n\(body(68))}")).count == 1)
    #expect(LengthRules.findings(sample("func f() {\n\(body(68))}")).isEmpty)
    #expect(LengthRules.findings(sample("  init() {\n\(body(69))}")).count == 1)
    #expect(
      LengthRules.findings(sample("protocol P {\n  func f()\n}\nstruct S {\n\(body(200))}")).isEmpty
    )
  }

  @Test("types have names of their own that say something")
  func names() throws {
    let findings = try SourceTree.swift(under: everything).flatMap(NameRules.findings)
    #expect(findings.isEmpty, list(findings))
  }

  @Test(
    "a name that is taken or empty is found",
    arguments: [
      "struct Task {}", "public final class Executor {}", "enum Clock {}", "actor TaskExecutor {}",
      "indirect enum JSONUtils {}", "struct PathHelper {}", "typealias Manager = Int",
      "@frozen public struct Clock {}",
    ])
  func badNames(_ text: String) {
    #expect(NameRules.findings(sample(text)).count == 1)
    #expect(
      NameRules.findings(sample("// \(text)\nstruct TaskState { var task: Task<Void, Never> }"))
        .isEmpty)
    #expect(
      NameRules.findings(sample("", path: "Sources/Host/Model/StringHelpers.swift")).count == 1)
  }

  @Test("unstructured tasks and unchecked promises are few and explained")
  func concurrency() throws {
    let findings = try SourceTree.swift(under: shipped).flatMap(ConcurrencyRules.findings)
    #expect(findings.isEmpty, list(findings))
    let spawner = try SourceTree.swift(under: [ConcurrencyRules.spawner])
    #expect(spawner.count == 1)
  }

  @Test("an unstructured task or an unproved promise is found")
  func badConcurrency() {
    let bad = [
      "Task { await f() }", "let t = Task(priority: .low) { }", "Task.detached { }",
      "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var x = 0",
      "// A comment.\n\nnonisolated(unsafe) var x = 0",
    ]
    for text in bad { #expect(ConcurrencyRules.findings(sample(text)).count == 1, "\(text)") }
    let good = [
      "try await Task.sleep(for: x)", "var t: Task<Void, Never>", "// Task { }", "Model.Task(1)",
      "// One thread has it.\nfinal class A: @unchecked Sendable {}",
      "// One thread has it.\n@safe\nnonisolated(unsafe) var x = 0",
    ]
    for text in good { #expect(ConcurrencyRules.findings(sample(text)).isEmpty, "\(text)") }
    #expect(ConcurrencyRules.findings(sample("Task { }", path: ConcurrencyRules.spawner)).isEmpty)
  }

  @Test("public types and functions are documented")
  func documentation() throws {
    let findings = try SourceTree.swift(under: shipped).flatMap(DocumentationRules.findings)
    #expect(findings.isEmpty, list(findings))
  }

  @Test("a public type or function without a doc comment is found")
  func badDocumentation() {
    let bad = [
      "public struct A {}", "  public static func f() {}", "public indirect enum A {}",
      "// no doc\npublic protocol P {}", "@discardableResult\npublic func f() -> Int { 1 }",
      "public subscript(a: Int) -> Int { a }", "/// Doc.\n\npublic actor A {}",
    ]
    for text in bad { #expect(DocumentationRules.findings(sample(text)).count == 1, "\(text)") }
    let good = [
      "/// Doc.\npublic struct A {}", "struct A {}", "public import JSON", "private func f() {}",
      "/// Doc.\n@discardableResult\npublic func f() -> Int { 1 }",
      "public static func < (left: A, right: A) -> Bool { true }",
      "public func hash(into hasher: inout Hasher) {}", "public extension A {}",
    ]
    for text in good { #expect(DocumentationRules.findings(sample(text)).isEmpty, "\(text)") }
  }

  @Test("the host knows the name of no kind and no task type that a blueprint of ours uses")
  func kinds() throws {
    let taught = KindRules.names(taughtBy: try SourceTree.files(under: ["plugins", "examples"]))
    #expect(taught.isSuperset(of: ["StatefulNode", "statefulnodes", "mark-ready"]))
    #expect(taught.isSuperset(of: ["PostgresDatabase", "postgres-migrate"]))
    let words = taught.sorted() + KindRules.beside
    let findings = try SourceTree.files(under: ["Sources/Host"]).flatMap {
      WordingRules.findings($0, words: words, because: "a kind is data, not host code")
    }
    #expect(findings.isEmpty, list(findings))
  }

  @Test("a kind's name is read from its blueprint, and found")
  func badKinds() {
    let blueprint = """
      kind: Blueprint
      spec:
        kind: Farm
        plural: farms
        plans:
          - tasks:
            - type: plough-field
            - type: sow
        conditions:
          - type: Ready
      """
    let names = KindRules.names(taughtBy: [
      sample(blueprint), sample("kind: Farm\nspec:\n  kind: Other"),
      sample("kind: Blueprint\nspec:\n  kind: TaskRun"),
    ])
    #expect(names == ["Farm", "farms", "plough-field"])
    #expect(
      WordingRules.findings(sample("// for a Farm"), words: names.sorted(), because: "no") == [
        "Sources/Host/Daemon/Sample.swift:1: \"Farm\": no"
      ])
  }

  @Test("nothing refers to the machine that it was written on")
  func machine() throws {
    let reason = "another machine has no such thing"
    let files = try SourceTree.files(
      under: everything + [
        "proto", "docs", "deploy", ".ci", "Makefile", "Package.swift", "README.md",
        "CONTRIBUTING.md", "CHANGELOG.md",
      ])
    let findings = files.flatMap {
      WordingRules.findings($0, words: WordingRules.machine, because: reason)
    }
    #expect(findings.isEmpty, list(findings))
    for word in WordingRules.machine {
      #expect(
        WordingRules.findings(
          sample("see \(word)/x"), words: WordingRules.machine, because: reason
        ).count == 1)
    }
  }
}
