internal import ConformanceKit
internal import JSON
internal import LinuxSystem
internal import Manifests
internal import TTRPC

/// One task, no host.
extension CommandTable {
  private static let taskOption = Option("task", .text("TYPE"), "The task type to execute").required
  private static let paramsOption = Option(
    "params", .text("FILE"), "Its params, as YAML or JSON; - for standard input; {} where not given"
  )
  private static let verboseOption = Option(
    flag: "verbose", short: "v", "Show every message, both ways")

  static let pluginRun = Command(
    name: "plugin run",
    summary: "execute one task against a plugin, without a host",
    details: [
      "Starts the plugin, introduces itself, executes the task, phase by phase where its type has "
        + "phases, and waits for its end; then it asks the plugin to shut down. An interrupt ends "
        + "the plugin.",
      "With --socket and no PATH it calls what listens there, instead of starting a program, and "
        + "leaves it running.",
    ],
    positionals: [PluginUnderTest.plugin],
    options: [
      taskOption, paramsOption, verboseOption,
      PluginUnderTest.samplesOption, PluginUnderTest.setOption,
    ],
    examples: [
      Command.Example(
        "mortise plugin run plugins/my-plugin --task greet --params greet.yaml -v",
        "Execute greet and show what is said")
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let subject = try PluginUnderTest.subject(invocation)
      let outcome = try await runTask(subject, try params(invocation), invocation, link)
      try invocation.console.print(outcome.text)
      return outcome.isSuccess ? .ok : .failed
    })

  private static func runTask(
    _ subject: ConformanceSubject, _ params: JSONValue, _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) -> PluginTrial.Outcome {
    let console = invocation.console
    let write: @Sendable (String) -> Void = { console.complain($0) }
    do {
      return try await PluginTrial(subject, on: link.loop).run(
        type: invocation.arguments.value(taskOption) ?? "", params: params, log: write,
        trace: invocation.arguments.has(verboseOption) ? write : nil)
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
  }

  private static func params(_ invocation: Invocation) throws(CommandFailure) -> JSONValue {
    guard let file = invocation.arguments.value(paramsOption) else { return [:] }
    let text: [UInt8]
    do throws(SystemError) {
      text =
        file == "-"
        ? try invocation.surroundings.readInput()
        : try FileSystem.read(invocation.surroundings.absolute(file))
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
    do throws(ManifestError) {
      return try ManifestDocument.parse(text, source: file).first?.value ?? [:]
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
  }
}
