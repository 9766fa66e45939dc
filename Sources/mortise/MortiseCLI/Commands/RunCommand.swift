internal import PluginProto
internal import Synchronization
internal import TTRPC

extension CommandTable {
  static let run = Command(
    name: "run",
    summary: "start a host, apply manifests, follow until all is done, stop the host",
    details: [
      "For scripts and CI: exit status 0 says that every plan completed and every object reached "
        + "its phase, 1 that a plan failed.",
      "Without --state the host's state is private and temporary: what was applied is deleted "
        + "again before the host stops, so that nothing is left. With --state everything stays as "
        + "it is: what drivers started goes on, and the next host on that directory takes it over.",
    ],
    options: [
      ManifestFiles.option.required, StartOptions.plugins.required, StartOptions.state,
      timeoutOption,
    ],
    examples: [
      Command.Example(
        "mortise run -f node.yaml --plugins ./plugins --timeout 2m", "Does this manifest come up?"),
      Command.Example(
        "mortise run -f node.yaml --plugins ./plugins --state ./state",
        "Bring it up and leave it running"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      try await OneShot(invocation, link.loop).run()
    })
}

/// One `mortise run`, from the host's start to its end.
private struct OneShot: Sendable {
  let invocation: Invocation
  let loop: EventLoop

  /// How long taking everything down again may take.
  static let cleanupPatience = Duration.seconds(120)

  init(_ invocation: Invocation, _ loop: EventLoop) {
    self.invocation = invocation
    self.loop = loop
  }

  private var isPrivate: Bool { !invocation.arguments.has(StartOptions.state) }

  func run() async throws(CommandFailure) -> ExitCode {
    let host = try OwnHost.start(invocation, loop)
    let outcome = Outcome()
    do throws(CommandFailure) {
      try await work(host, outcome)
    } catch {
      outcome.add(
        error.code == .interrupted
          ? interrupted : CommandFailure(error.code, error.message + host.complaints))
    }
    // In a task of its own: an interrupt cancels the work, never the cleaning up.
    await loop.spawn { await cleanUp(host, outcome) }.value
    guard let failure = outcome.failure else { return .ok }
    throw failure
  }

  private func work(_ host: OwnHost, _ outcome: Outcome) async throws(CommandFailure) {
    try await host.untilReady()
    let applied = try await CommandTable.applyManifests(invocation, host.link)
    outcome.applied(applied.map(\.reference))
    try await Follower(
      link: host.link, board: ProgressBoard(invocation.surroundings),
      timeout: invocation.arguments.duration(CommandTable.timeoutOption)
    ).follow(applied.compactMap(CommandTable.pursuit))
  }

  private var interrupted: CommandFailure {
    CommandFailure(
      .interrupted,
      isPrivate
        ? "mortise run: interrupted; what was applied has been deleted"
        : "mortise run: interrupted; a host on the same state goes on with it: "
          + "mortise serve --state DIR --plugins DIR")
  }

  private func cleanUp(_ host: OwnHost, _ outcome: Outcome) async {
    var isClean = true
    if isPrivate {
      do throws(CommandFailure) {
        try await delete(outcome.references.reversed(), host)
      } catch {
        isClean = false
        outcome.add(
          CommandFailure(
            error.code,
            error.message + "\nmortise run: not everything could be deleted; what is left is kept: "
              + "mortise serve --state \(host.directory)/state --plugins DIR"))
      }
    }
    await host.stop()
    guard isClean else { return }
    do throws(CommandFailure) {
      try host.removeDirectory()
    } catch {
      outcome.add(error)
    }
  }

  private func delete(_ references: [ObjectReference], _ host: OwnHost)
    async throws(CommandFailure)
  {
    guard !references.isEmpty else { return }
    let session = try await host.link.connect()
    for reference in references {
      try await session.delete(reference)
      try await Follower(
        link: host.link, board: ProgressBoard(invocation.surroundings),
        timeout: Self.cleanupPatience
      ).follow([Follower.Pursuit(reference: reference, goal: .deleted)])
    }
  }
}

/// What a run has come to; the first failure is the one that counts.
private final class Outcome: Sendable {
  private struct State {
    var references: [ObjectReference] = []
    var failure: CommandFailure?
  }

  private let state = Mutex(State())

  var references: [ObjectReference] { state.withLock { $0.references } }
  var failure: CommandFailure? { state.withLock { $0.failure } }

  func applied(_ references: [ObjectReference]) {
    state.withLock { $0.references = references }
  }

  /// A later failure is told below the first one, whose exit code stays.
  func add(_ failure: CommandFailure) {
    state.withLock { state in
      let first = state.failure
      state.failure = CommandFailure(
        first?.code ?? failure.code,
        [first?.message, failure.message].compactMap { $0 }.joined(separator: "\n"))
    }
  }
}
