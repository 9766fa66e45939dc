internal import JSON
internal import LinuxSystem
internal import Manifests
internal import Model
internal import PluginProto

/// Imperative work: one task, run once, with everything that plans have.
extension CommandTable {
  private static let typeArgument = Positional("TYPE", .required, "A task type of some plugin")
  private static let runArgument = Positional("NAME", .required, "The run's name")
  private static let paramOption = Option(
    "param", .text("K=V"), "A parameter; V is JSON where it can be read as such, else text",
    isRepeatable: true)
  private static let paramsOption = Option(
    "params", .text("FILE"), "All parameters, as YAML or JSON; --param adds to them")
  private static let externalIDOption = Option(
    "external-id", .text("ID"), "Who asks: a live run is joined by whoever gives the same")
  private static let targetOption = Option(
    "target", .text("TARGET"), "Where intents converge that the task sets without naming a target")
  private static let ttlOption = Option(
    "ttl", .duration, "Delete the run so long after it is over; it is kept where not given")

  static let taskRun = Command(
    name: "task run",
    summary: "run a task, in phases where its type has them",
    details: [
      "The run's name follows from type and params, so the same work is never under way twice: "
        + "while it is, --external-id joins it, and anything else is refused. When it is over, it is "
        + "run again.",
      "A run that fails is rolled back by itself; task cancel rolls back one that did not.",
    ],
    positionals: [typeArgument],
    options: [
      paramOption, paramsOption, externalIDOption, targetOption, ttlOption, waitOption,
      timeoutOption, ObjectReference.namespaceOption,
    ],
    examples: [
      Command.Example(
        "mortise task run AddNodeToGroup --param group=kitchen --param node=lamp --wait",
        "Run it, and follow it to its end"),
      Command.Example(
        "mortise task run RotateGroupKey --params rotation.yaml --external-id tuesday",
        "So that a second try joins the first"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let request = try runRequest(invocation)
      let reply = try await link.asking { session throws(CommandFailure) in
        try await session.runTask(request)
      }
      let object = try HostObject(reply.object)
      let run = object.resource.spec["run"]?.integer ?? 1
      try invocation.console.print(
        "\(object.shortName) \(reply.joined ? "joined" : "started") (run \(run))")
      return try await follow(object, goal: .run(run), invocation, link)
    })

  static let taskGet = Command(
    name: "task get", summary: "show a task's run", positionals: [runArgument],
    options: [ObjectReference.namespaceOption, OutputFormat.option],
    examples: [
      Command.Example("mortise task get add-node-to-group-0d2b51c4aa10 -o yaml", "All of it")
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      try await show([ObjectSelection(run(invocation))], invocation, link)
    })

  static let taskList = Command(
    name: "task list", summary: "list the runs of tasks",
    options: [
      ObjectSelection.listedNamespaceOption, ObjectSelection.allNamespacesOption,
      OutputFormat.option,
    ],
    examples: [Command.Example("mortise task list -A", "All runs")],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let namespace =
        invocation.arguments.has(ObjectSelection.allNamespacesOption)
        ? "" : invocation.arguments.value(ObjectReference.namespaceOption) ?? "default"
      return try await show(
        [ObjectSelection(kind: TaskRun.kind, namespace: namespace)], invocation, link)
    })

  static let taskCancel = Command(
    name: "task cancel",
    summary: "stop a task's run and undo what it did, last change first",
    details: [
      "A run that is over is undone as well, and keeps its outcome. Past the point of no return "
        + "of its task it is refused. Cancelling again changes nothing."
    ],
    positionals: [runArgument],
    options: [ObjectReference.namespaceOption, waitOption, timeoutOption],
    examples: [
      Command.Example(
        "mortise task cancel add-node-to-group-0d2b51c4aa10 --wait", "Until it is undone")
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      let object = try await link.connect().act(HostV1.Host.cancel, on: run(invocation))
      try invocation.console.print("\(object.shortName) is cancelled")
      return try await follow(object, goal: .reverted, invocation, link)
    })

  private static func run(_ invocation: Invocation) -> ObjectReference {
    ObjectReference(
      kind: TaskRun.kind.lowercased(),
      namespace: invocation.arguments.value(ObjectReference.namespaceOption) ?? "",
      name: invocation.arguments.positional(0) ?? "")
  }

  private static func follow(
    _ object: HostObject, goal: Goal, _ invocation: Invocation, _ link: HostLink
  ) async throws(CommandFailure) -> ExitCode {
    guard invocation.arguments.has(waitOption) else { return .ok }
    let metadata = object.resource.metadata
    let reference = ObjectReference(
      kind: TaskRun.kind.lowercased(), namespace: metadata.namespace, name: metadata.name)
    try await Follower(
      link: link, board: ProgressBoard(invocation.surroundings),
      timeout: invocation.arguments.duration(timeoutOption)
    ).follow([Follower.Pursuit(reference: reference, goal: goal)])
    return .ok
  }

  private static func runRequest(_ invocation: Invocation) throws(CommandFailure)
    -> HostV1.RunTaskRequest
  {
    var request = HostV1.RunTaskRequest()
    request.type = invocation.arguments.positional(0) ?? ""
    request.namespace = invocation.arguments.value(ObjectReference.namespaceOption) ?? ""
    request.externalID = invocation.arguments.value(externalIDOption) ?? ""
    request.target = invocation.arguments.value(targetOption) ?? ""
    if let ttl = invocation.arguments.duration(ttlOption) {
      request.ttlSeconds = UInt64(max(1, ttl.components.seconds))
    }
    var params =
      try invocation.arguments.value(paramsOption).map {
        path throws(CommandFailure) in try readParams(path, invocation)
      } ?? JSONObject()
    for pair in invocation.arguments.values(paramOption) {
      guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
        throw CommandFailure(.usage, "mortise task run: --param \(pair) is not K=V")
      }
      let text = String(pair[pair.index(after: equals)...])
      params[String(pair[..<equals])] = (try? JSONValue(parsing: text)) ?? .string(text)
    }
    request.params = JSONValue.object(params).serialized()
    return request
  }

  private static func readParams(_ path: String, _ invocation: Invocation) throws(CommandFailure)
    -> JSONObject
  {
    do {
      let content =
        path == "-" ? try invocation.surroundings.readInput() : try FileSystem.read(path)
      let documents = try ManifestDocument.parse(content, source: path)
      guard documents.count == 1, let params = documents[0].value.object else {
        throw CommandFailure(.usage, "mortise task run: \(path) is not one document of params")
      }
      return params
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.usage, "mortise task run: can't read the params: \(error)")
    }
  }
}
