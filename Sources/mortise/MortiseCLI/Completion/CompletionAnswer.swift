internal import JSON
internal import Model
internal import PluginProto
internal import TTRPC

/// Answers a completion script, with what the host knows where that is asked for.
///
/// A host that is away or slow is no error here: nobody reads one while typing.
struct CompletionAnswer: Sendable {
  private let request: CompletionRequest
  private let link: HostLink

  /// Longer than that nobody waits for a key to do something.
  static let patience = Duration.seconds(2)
  /// More than a shell would show.
  static let candidatesMax = 1000
  /// Of what is said beside a word.
  static let summaryColumns = 60

  init(_ request: CompletionRequest, _ link: HostLink, _ invocation: Invocation) {
    self.request = request
    var link = link
    // The line that is being typed may name another host than the one that this command would use.
    link.socketPath = HostLink.socketPath(request.arguments, invocation.surroundings.environment)
    link.patience = .zero
    self.link = link
  }

  /// A word and its summary, separated by a tab; `:files` and `:directories` leave it to the shell.
  func lines() async -> [String] {
    var lines: [String] = []
    for wanted in request.wanted {
      switch wanted {
      case .files: lines.append(":files")
      case .directories: lines.append(":directories")
      case .words(let candidates): lines += candidates.compactMap(line)
      case .kinds, .names, .namespaces, .plugins:
        lines += await asked(wanted).map { CompletionRequest.Candidate(word: $0) }
          .compactMap(line)
      }
    }
    return Array(lines.prefix(Self.candidatesMax))
  }

  private func line(_ candidate: CompletionRequest.Candidate) -> String? {
    guard candidate.word.hasPrefix(request.typed) else { return nil }
    let summary = DisplayText.cut(candidate.summary, to: Self.summaryColumns)
    return DisplayText.harmless(request.prefix + candidate.word) + "\t" + summary
  }

  /// What the host says, or nothing where it takes too long.
  private func asked(_ wanted: CompletionRequest.Wanted) async -> [String] {
    await withTaskGroup(of: [String].self) { group in
      group.addTask { (try? await ask(wanted)) ?? [] }
      group.addTask {
        try? await link.loop.sleep(for: Self.patience)
        return []
      }
      defer { group.cancelAll() }
      return await group.next() ?? []
    }
  }

  private func ask(_ wanted: CompletionRequest.Wanted) async throws(CommandFailure) -> [String] {
    let session = try await link.connect()
    defer { session.client.close() }
    switch wanted {
    case .words, .files, .directories: return []
    case .kinds: return try await session.kindNames()
    case .plugins: return try await session.plugins().map(\.name)
    case .names(let kind):
      let objects = try await objects(kind, session, inNamespaceAlone: true)
      let names = objects.filter {
        !kind.isEmpty || !HostSession.secondary.contains($0.resource.kind)
      }.map(\.name)
      return names.filter { !request.arguments.positionals.dropFirst().contains($0) }
    case .namespaces(let kind):
      guard !kind.isEmpty else { return [] }
      let objects = try await objects(kind, session, inNamespaceAlone: false)
      return Set(objects.map(\.resource.metadata.namespace)).sorted()
    }
  }

  private func objects(_ kind: String, _ session: HostSession, inNamespaceAlone: Bool)
    async throws(CommandFailure) -> [HostObject]
  {
    let namespace =
      request.arguments.value(ObjectReference.namespaceOption)
      ?? (request.arguments.has(ObjectSelection.allNamespacesOption) ? "" : "default")
    return try await session.list(
      ObjectSelection(kind: kind, namespace: inNamespaceAlone ? namespace : "")
    ).objects
  }
}

extension HostSession {
  /// Plural names of all kinds, lower case: those of blueprints and the host's own.
  func kindNames() async throws(CommandFailure) -> [String] {
    let blueprints = try await listAsTold(ObjectSelection(kind: Blueprint.kind)).objects
    let taught = blueprints.compactMap { object -> String? in
      let spec = object.resource.spec
      return (spec["plural"]?.string ?? spec["kind"]?.string.map { $0 + "s" })?.lowercased()
    }
    return taught.sorted() + ["blueprints", "events", "intents", "nodedeployments"]
  }
}
