import Model
import Testing

@testable import MortiseCLI

@Suite("the command line is read against its table")
struct ArgumentParserTests {
  private func parsed(_ line: String) throws -> ParsedArguments {
    let request = try CommandTable.parser.parse(line.split(separator: " ").map(String.init))
    guard case .run(_, let arguments) = request else { throw NotACommand() }
    return arguments
  }

  private struct NotACommand: Error {}

  private func refusal(_ line: String) -> CommandFailure? {
    do {
      _ = try CommandTable.parser.parse(line.split(separator: " ").map(String.init))
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "an option's value is in the next word or in the same",
    arguments: [
      "get nodes -o yaml -n prod", "get nodes -oyaml -nprod", "get -o=yaml nodes --namespace=prod",
      "get --output yaml nodes --namespace prod", "get --output=yaml -n prod -- nodes",
    ])
  func values(line: String) throws {
    let arguments = try parsed(line)
    #expect(arguments.positionals == ["nodes"])
    #expect(arguments.options == ["output": ["yaml"], "namespace": ["prod"]])
  }

  @Test("a repeatable option keeps all of its values in order, - among them")
  func repeated() throws {
    let arguments = try parsed("apply -f one.yaml --file=two/ -f -")
    #expect(arguments.values(ManifestFiles.option) == ["one.yaml", "two/", "-"])
  }

  @Test("a global option stands before or after the command")
  func global() throws {
    #expect(try parsed("--socket /a get nodes").options["socket"] == ["/a"])
    #expect(try parsed("get nodes --socket=/a").options["socket"] == ["/a"])
  }

  @Test(
    "what can't be right is refused with what is meant and where to read",
    arguments: [
      ("aply -f x", "mortise: no command \"aply\"; did you mean apply? See: mortise help"),
      ("frobnicate", "mortise: no command \"frobnicate\". See: mortise help"),
      (
        "apply -f x --dryrun",
        "mortise apply: no option --dryrun; did you mean --dry-run? See: mortise help apply"
      ),
      ("apply -f x --weight", "mortise apply: no option --weight. See: mortise help apply"),
      ("apply", "mortise apply: -f FILE… is missing. See: mortise help apply"),
      (
        "apply -f", "mortise apply: --file needs a value: --file FILE. See: mortise help apply"
      ),
      (
        "get nodes -o yml",
        "mortise get: --output yml; did you mean yaml? It is one of: json, yaml, wide, name, "
          + "jsonpath=PATH. See: mortise help get"
      ),
      ("get", "mortise get: KIND is missing. See: mortise help get"),
      (
        "describe a b c",
        "mortise describe: \"c\" is one argument too many. See: mortise help describe"
      ),
      (
        "apply -f x --timeout 60",
        "mortise apply: --timeout 60: a length of time has a unit, such as 90s, 5m or 1h30m. "
          + "See: mortise help apply"
      ),
      (
        "get nodes -n a -n b",
        "mortise get: --namespace is given twice. See: mortise help get"
      ),
      (
        "apply -f x --wait=yes",
        "mortise apply: --wait takes no value. See: mortise help apply"
      ),
    ])
  func refused(line: String, message: String) {
    #expect(refusal(line) == CommandFailure(.usage, message))
  }

  @Test(
    "a length of time is a number with a unit, or several",
    arguments: [
      ("500ms", .milliseconds(500)), ("90s", .seconds(90)), ("5m", .seconds(300)),
      ("1h30m", .seconds(5400)), ("0s", .zero), ("60", nil), ("", nil), ("s", nil), ("-5s", nil),
      ("9999999999999999999s", nil), ("9000h", nil), ("8760h1ms", nil), ("1.5s", nil), ("5 s", nil),
    ] as [(String, Duration?)])
  func durations(text: String, duration: Duration?) {
    #expect(DurationText.parse(text) == duration)
  }

  @Test(
    "the kind and the name are two words or one with a slash",
    arguments: [
      ("describe statefulnode redis", "statefulnode", "redis"),
      ("describe statefulnode/redis", "statefulnode", "redis"),
      ("describe intent StatefulSet/default/redis", "intent", "StatefulSet/default/redis"),
      ("describe intent/StatefulSet/default/redis", "intent", "StatefulSet/default/redis"),
    ])
  func references(line: String, kind: String, name: String) throws {
    let invocation = Invocation(arguments: try parsed(line), surroundings: .testing())
    let reference = try ObjectReference(invocation, command: "describe")
    #expect(reference == ObjectReference(kind: kind, namespace: "", name: name))
  }

  @Test("a reference without a name is refused", arguments: ["describe nodes", "describe nodes/"])
  func nameless(line: String) throws {
    let invocation = Invocation(arguments: try parsed(line), surroundings: .testing())
    #expect(throws: CommandFailure.self) {
      try ObjectReference(invocation, command: "describe")
    }
  }

  @Test(
    "the socket is the option's, else the environment's, else the system's",
    arguments: [
      ("get n --socket /o", ["MORTISE_SOCKET": "/m", "XDG_RUNTIME_DIR": "/x"], "/o"),
      ("get n", ["MORTISE_SOCKET": "/m", "XDG_RUNTIME_DIR": "/x"], "/m"),
      ("get n", ["MORTISE_SOCKET": "", "XDG_RUNTIME_DIR": "/x"], "/x/mortise.sock"),
      ("get n", [:], "/run/mortise/mortise.sock"),
    ])
  func socket(line: String, environment: [String: String], path: String) throws {
    #expect(HostLink.socketPath(try parsed(line), environment) == path)
  }

  @Test(
    "a goal is a phase, a condition, steady or delete",
    arguments: [
      ("phase=Running", .phase("Running")),
      ("condition=Ready", .condition(type: "Ready", status: .isTrue)),
      ("condition=Ready=False", .condition(type: "Ready", status: .isFalse)),
      ("delete", .deleted), ("steady", .steady(generation: 0)),
      ("phase=", nil), ("phase", nil), ("condition=", nil), ("condition=Ready=no", nil), ("", nil),
      ("deleted", nil), ("phase=a=b", nil),
    ] as [(String, Goal?)])
  func goals(text: String, goal: Goal?) {
    #expect((try? CommandTable.parseGoal(text)) == goal)
  }

  private static let families = ArgumentParser(
    commands: [
      Self.command("list"), Self.command("list all"), Self.command("config check"),
      Self.command("config show", positionals: [Positional("FILE", .repeated, "Files")]),
    ], globalOptions: [])

  private static func command(_ name: String, positionals: [Positional] = []) -> Command {
    Command(
      name: name, summary: name, positionals: positionals, examples: [],
      action: .blocking { _ throws(CommandFailure) in .ok })
  }

  @Test(
    "a command's name may have a second word",
    arguments: [
      ("list", "list", []), ("list all", "list all", []), ("config check", "config check", []),
      ("config show", "config show", []), ("config show a b c", "config show", ["a", "b", "c"]),
    ])
  func family(line: String, name: String, positionals: [String]) throws {
    let words = line.split(separator: " ").map(String.init)
    guard case .run(let command, let parsed) = try Self.families.parse(words) else {
      Issue.record("\(line) asks for help")
      return
    }
    #expect(command.name == name)
    #expect(parsed.positionals == positionals)
    #expect(try Self.families.command(named: name).name == name)
  }

  @Test(
    "a second word that is missing or wrong is told with those there are",
    arguments: [
      ("config", "mortise config: needs one of: check, show. See: mortise help config check"),
      (
        "config chekc",
        "mortise: no command \"config chekc\"; did you mean config check? See: mortise help"
      ),
      ("list al", "mortise: no command \"list al\"; did you mean list all? See: mortise help"),
    ])
  func strangers(line: String, message: String) {
    #expect(throws: CommandFailure(.usage, message)) {
      try Self.families.parse(line.split(separator: " ").map(String.init))
    }
  }
}
