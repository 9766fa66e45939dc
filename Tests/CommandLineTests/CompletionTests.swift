import Model
import PluginProto
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("completion follows from the table and the host")
struct CompletionTests {
  typealias Wanted = CompletionRequest.Wanted

  private func request(_ line: String) -> CompletionRequest {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    return CompletionRequest(
      words,
      ArgumentParser(commands: CommandTable.commands, globalOptions: CommandTable.globalOptions))
  }

  private func words(_ line: String) -> [String] {
    request(line).wanted.flatMap { wanted in
      guard case .words(let candidates) = wanted else { return [String]() }
      return candidates.map(\.word)
    }
  }

  @Test("the first word is a command, each once")
  func commands() {
    let offered = words("")
    for command in CommandTable.commands {
      let first = String(command.name.prefix { $0 != " " })
      #expect(offered.filter { $0 == first }.count == 1)
    }
    #expect(!offered.contains("__complete"))
    #expect(words("--socket /tmp/x ").contains("apply"))
    #expect(words("config ") == ["check", "show"])
    #expect(words("help ").contains("describe"))
  }

  @Test(
    "what is wanted depends on the place",
    arguments: [
      ("get ", [Wanted.kinds]), ("get nodes ", [.names(kind: "nodes")]),
      ("get -n prod nodes ", [.names(kind: "nodes")]), ("get node/", [.names(kind: "node")]),
      ("get nodes -n ", [.namespaces(kind: "nodes")]), ("apply -f ", [.files]),
      ("apply --file=", [.files]), ("serve --state ", [.directories]), ("version ", []),
      ("config check ", [.files]), ("serve --config ", [.files]), ("wait a b --timeout ", []),
      ("delete ", [.kinds]), ("get -- -x ", [.names(kind: "-x")]),
      ("why ", [.kinds, .names(kind: "")]), ("why node/", [.names(kind: "node")]),
      ("why nodes ", [.names(kind: "nodes")]), ("logs --plugin ", [.plugins]),
    ])
  func places(line: String, wanted: [Wanted]) {
    #expect(request(line).wanted == wanted)
  }

  @Test("an option's choices are offered after it and in the same word")
  func choices() {
    let expected = ["json", "yaml", "wide", "name", "jsonpath="]
    #expect(words("get nodes -o ") == expected)
    #expect(words("get nodes --output ") == expected)
    #expect(words("get nodes --output=") == expected)
    #expect(request("get nodes --output=js").prefix == "--output=")
    #expect(request("get nodes --output=js").typed == "js")
    #expect(words("wait a b --for ") == ["phase=", "condition=", "steady", "delete"])
  }

  @Test("options are offered once, repeatable ones again, and none after --")
  func options() {
    #expect(words("apply -").contains("--dry-run"))
    #expect(words("apply --wait -f x --").contains("--file"))
    #expect(!words("apply --wait --").contains("--wait"))
    #expect(words("get a -- -") == [])
    #expect(words("--").contains("--socket"))
  }

  @Test("kinds and names are the host's, those named already left out")
  func host() async throws {
    let prod = {
      var resource = Sample.resource("cache")
      resource.metadata.namespace = "prod"
      return resource
    }()
    let host = try FakeHost(
      HostRecord([CommandTests.running, prod, CommandTests.blueprint]))
    defer { try? host.stop() }
    func complete(_ words: String...) async throws -> [String] {
      let result = try await mortise(["__complete", "--"] + words, host: host)
      #expect(result.code == .ok)
      #expect(result.errors == "")
      return result.lines.map { String($0.prefix { $0 != "\t" }) }
    }
    #expect(try await complete("get", "st") == ["statefulnodes"])
    #expect(try await complete("get", "statefulnode", "") == ["redis"])
    #expect(try await complete("get", "-A", "statefulnode", "") == ["redis", "cache"])
    #expect(try await complete("describe", "statefulnode/r") == ["statefulnode/redis"])
    #expect(try await complete("get", "statefulnode", "-n", "p") == ["prod"])
    #expect(try await complete("--socket", "/does/not/exist", "get", "") == [])
    #expect(try await complete("--socket", host.path, "get", "b") == ["blueprints"])
  }
}
