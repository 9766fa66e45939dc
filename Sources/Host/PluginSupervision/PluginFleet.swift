internal import Diagnostics
internal import JSON
internal import Model
internal import PluginProto
internal import Synchronization
internal import TTRPC

/// Which plugins there are, which of them take calls and which serve new work, for readers on any
/// thread; carries out what the roster orders.
///
/// Each plugin's runner reports its own entry; nobody else does.
final class PluginFleet: Sendable {
  /// What a runner tells of its plugin whenever anything changed.
  struct Report: Sendable {
    var snapshot: PluginSnapshot
    /// Nil where the plugin takes no calls now.
    var handle: PluginHandle?
    var standing: PluginRoster.Standing
    /// What Describe answered last; nil before the first time.
    var description: PluginDescription?
  }

  struct PluginDescription: Sendable {
    var isDriver: Bool
    var types: [String: SemanticVersion]
  }

  struct Entry: Sendable {
    var snapshot: PluginSnapshot
    var handle: PluginHandle?
    /// Nil where plugin.yaml was never right.
    var runner: (any PluginRunning)?
    /// What is wrong with its folder, while it runs by what was there before.
    var note = ""

    /// A plugin.yaml that waits for its external plugin.
    var isPlaceholder: Bool { runner == nil && snapshot.phase == .discovered }
  }

  struct State: Sendable {
    /// By place.
    var entries: [String: Entry] = [:]
    var roster = PluginRoster()
    /// Tasks that each version began, by `name@version`: also of versions that are not there yet.
    var references: [String: Int] = [:]
    /// By `name` or `name@version`.
    var holds: [String: PluginHold] = [:]
    /// By type, the plugins that offer it, where they are several: as was told.
    var sharedTypes: [String: [String]] = [:]
    /// Targets on which several drivers would converge intents, as was told.
    var sharedIntents: [SharedIntents: Set<String>] = [:]
    var isClosing = false
    /// Who waits until every version has said what it offers.
    var introductions: [AsyncStream<Void>.Continuation] = []

    mutating func setReferences(_ count: Int, of id: String) {
      references[id] = count == 0 ? nil : count
      for (place, entry) in entries where entry.snapshot.id == id {
        roster.change(place) { $0.references = count }
      }
    }

    func hold(name: String, version: String) -> PluginHold? {
      holds["\(name)@\(version)"] ?? holds[name]
    }
  }

  /// How long a version that is not needed any more may take to end.
  static let retireGrace = Duration.seconds(30)

  let state = Mutex(State())
  private let loop: EventLoop
  private let unasked: Duration
  private let log: Log
  private let onEvent: @Sendable (PluginEvent) -> Void

  /// - Parameter unasked: how long a version that was started for a pinned task goes on without one.
  init(
    loop: EventLoop, unasked: Duration, log: Log,
    onEvent: @escaping @Sendable (PluginEvent) -> Void
  ) {
    self.loop = loop
    self.unasked = unasked
    self.log = log
    self.onEvent = onEvent
  }

  func tell(_ event: PluginEvent) { onEvent(event) }

  /// Takes a new version in; it is started unless an operator said otherwise.
  func add(_ place: String, _ snapshot: PluginSnapshot, _ runner: PluginRunner) {
    let isHeld = state.withLock { state in
      let hold = state.hold(name: snapshot.name, version: snapshot.version)
      state.entries[place] = Entry(snapshot: snapshot, runner: runner)
      var member = PluginRoster.Member(
        name: snapshot.name,
        version: SemanticVersion(snapshot.version) ?? SemanticVersion(0, 0, 0))
      member.hold = hold
      member.references = state.references[snapshot.id] ?? 0
      if hold == .disabled { member.standing = .stopped }
      state.roster.add(place, member)
      return hold == .disabled
    }
    if !isHeld { loop.spawn { await runner.start() } }
  }

  /// Shows what has no runner: what can't even be tried, or waits for others to start it.
  func show(_ place: String, _ snapshot: PluginSnapshot) {
    state.withLock { $0.entries[place] = Entry(snapshot: snapshot, handle: nil, runner: nil) }
  }

  func publish(_ place: String, _ report: Report) {
    settle { state in
      guard state.entries[place] != nil else { return }
      state.entries[place]?.snapshot = report.snapshot
      state.entries[place]?.handle = report.handle
      state.roster.change(place) { member in
        member.standing = report.standing
        guard let description = report.description else { return }
        member.isDriver = description.isDriver
        member.types = description.types
      }
    }
  }

  /// Changes what is known, then does what follows from it.
  ///
  /// - Parameter mayShare: whether other versions may be there, be eligible or drive other targets than before.
  func settle(mayShare: Bool = true, _ change: (inout State) -> Void) {
    let (orders, runners, handles, events, introduced) = state.withLock { state in
      change(&state)
      guard !state.isClosing else {
        return (
          [PluginRoster.Order](), [String: any PluginRunning](), [String: PluginHandle](),
          [PluginEvent](), state.introductions
        )
      }
      let orders = state.roster.settle()
      Self.forgetRemoved(&state)
      let introduced = state.isIntroduced ? state.introductions : []
      if !introduced.isEmpty { state.introductions = [] }
      return (
        orders, state.entries.compactMapValues(\.runner),
        state.entries.compactMapValues(\.handle), mayShare ? Self.newlyShared(&state) : [],
        introduced
      )
    }
    for waiter in introduced { waiter.finish() }
    for event in events { loop.execute { [onEvent] in onEvent(event) } }
    for order in orders { carryOut(order, runners, handles) }
  }

  /// A version whose folder is gone and whose process has ended has nothing to show any more.
  private static func forgetRemoved(_ state: inout State) {
    for (place, member) in state.roster.members
    where !member.isInstalled && !member.isAlive && member.references == 0 {
      state.roster.remove(place)
      state.entries[place] = nil
    }
  }

  private func carryOut(
    _ order: PluginRoster.Order, _ runners: [String: any PluginRunning],
    _ handles: [String: PluginHandle]
  ) {
    switch order {
    case .run(let place):
      guard let runner = runners[place] else { return }
      loop.spawn { await runner.start() }
    case .retire(let place):
      guard let runner = runners[place] else { return }
      loop.spawn { await runner.stop(grace: Self.retireGrace) }
    case .proceed(let place):
      guard let runner = runners[place] else { return }
      loop.spawn { await runner.proceed() }
    case .linger(let place, let asks):
      loop.spawn { [loop, unasked] in
        do {
          try await loop.sleep(for: unasked)
        } catch {
          return
        }
        self.settle { $0.roster.release(place, asks: asks) }
      }
    case .serve(let place):
      guard let handle = handles[place] else { return }
      log.info(
        "new work goes to this version",
        ["plugin": .string(handle.name), "version": .string(handle.version)])
      let event = PluginEvent.serves(
        name: handle.name, version: handle.version,
        taskTypes: Set(handle.description.taskTypes.map(\.type)))
      loop.execute { [onEvent] in onEvent(event) }
    }
  }
}
