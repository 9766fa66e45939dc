internal import ConformanceKit
internal import JSON
internal import LinuxSystem
internal import TTRPC

/// Holds a plugin against the protocol.
extension CommandTable {
  private static let focusOption = Option(
    "focus", .text("ID"), "Run this case alone; a group as \"wire.\"", isRepeatable: true)
  private static let skipOption = Option(
    "skip", .text("ID"), "Leave this case out; a group as \"wire.\"", isRepeatable: true)
  private static let levelOption = Option(
    "level", .choice(["must", "should"]), "must leaves the SHOULD rules out; should is the default")
  private static let seedOption = Option(
    "seed", .text("N"), "Where random choices begin; 1 where not given")
  private static let junitOption = Option("junit", .text("FILE"), "Write the results as JUnit XML")
  private static let jsonOption = Option("json", .text("FILE"), "Write the results as JSON")
  private static let quickOption = Option(
    flag: "quick", "Repeat less: seconds instead of minutes, and what is rare may be missed")
  private static let listOption = Option(flag: "list", "List the cases and run none")

  static let conformance = Command(
    name: "conformance",
    summary: "test a plugin, in whatever language, against the protocol",
    details: [
      "Starts the plugin as a host does, as often as the cases need, and calls it. What it needs "
        + "to know of the task types stands in conformance.yaml: docs/conformance.md.",
      "With --socket and no PATH it tests what listens there, instead of starting a program.",
      "Ends with 1 where a MUST, or a rule that a declared capability binds to, is broken. A "
        + "SHOULD that is not met is shown and changes nothing.",
    ],
    positionals: [PluginUnderTest.plugin],
    options: [
      PluginUnderTest.samplesOption, PluginUnderTest.setOption,
      focusOption, skipOption, levelOption, seedOption, quickOption, junitOption, jsonOption,
      listOption,
    ],
    examples: [
      Command.Example("mortise conformance plugins/my-plugin", "All cases"),
      Command.Example(
        "mortise conformance plugins/my-plugin --focus recover. --seed 7",
        "One group, with other moments to kill the plugin at"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      if invocation.arguments.has(listOption) { return try listCases(invocation.console) }
      let options = try conformanceOptions(invocation.arguments)
      let subject = try PluginUnderTest.subject(invocation)
      let console = invocation.console
      let report: ConformanceReport
      do throws(ConformanceError) {
        report = try await ConformanceRunner(subject, options: options, on: link.loop)
          .run { result in
            // A pipe that nobody reads is found out when the summary is printed.
            try? console.print(result.text)
          }
      } catch {
        throw CommandFailure(.failed, "mortise: \(error)")
      }
      try console.print("\n" + report.summary)
      try write(report.junit, to: invocation.arguments.value(junitOption), invocation)
      try write(
        report.json.prettyPrinted() + "\n", to: invocation.arguments.value(jsonOption), invocation)
      return report.isConforming ? .ok : .failed
    })

  private static func listCases(_ console: Console) throws(CommandFailure) -> ExitCode {
    for one in ConformanceCase.all {
      try console.print("\(one.id) (\(one.level), \"\(one.section)\")\n    \(one.why)")
    }
    return .ok
  }

  private static func conformanceOptions(
    _ arguments: ParsedArguments
  ) throws(CommandFailure) -> ConformanceOptions {
    var options = ConformanceOptions()
    options.focus = arguments.values(focusOption)
    options.skip = arguments.values(skipOption)
    options.includesShould = arguments.value(levelOption) != "must"
    if arguments.has(quickOption) { options.effort = .quick }
    if let text = arguments.value(seedOption) {
      guard let seed = UInt64(text) else {
        throw CommandFailure(.usage, "mortise: --seed \(text): write a number from 0 on")
      }
      options.seed = seed
    }
    if let name = options.unknownNames.first {
      throw CommandFailure(
        .usage,
        "mortise: no case is called \"\(name)\"; --list names them, and a group ends with a dot")
    }
    return options
  }

  private static func write(
    _ text: String, to path: String?, _ invocation: Invocation
  ) throws(CommandFailure) {
    guard let path else { return }
    do throws(SystemError) {
      try AtomicFile.write(text.utf8, to: invocation.surroundings.absolute(path))
    } catch {
      throw CommandFailure(.failed, "mortise: can't write \(path): \(error)")
    }
  }
}
