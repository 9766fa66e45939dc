/// The life of one pod: what to start, ask and stop, and when. Pure: time comes in events.
///
/// Sidecars start first; the other containers start when each sidecar is started, as Kubernetes
/// does it. A container that ends is started again after its back-off, until the pod is stopped;
/// then the containers are asked to end, sidecars last, and killed after their grace.
///
/// - Invariant: a container has at most one process: `spawn` is only asked for where the last one
///   is known to be gone (guarded by `PodMachineTests`).
struct PodMachine: Sendable {
  enum Event: Equatable, Sendable {
    /// Supervision begins; containers that live were adopted before it.
    case begin
    case spawned(container: Int)
    case spawnFailed(container: Int)
    case exited(container: Int, run: Int, after: Duration)
    case probed(container: Int, run: Int, kind: ProbeKind, passed: Bool)
    /// A verification asked for readiness, beside the probes' own rhythm.
    case looked(container: Int, run: Int, passed: Bool)
    case due(Timer)
    case stop
  }

  enum ProbeKind: Equatable, Sendable { case startup, readiness }

  enum Timer: Equatable, Sendable {
    case restart(container: Int, run: Int)
    case probe(container: Int, run: Int, kind: ProbeKind)
    case grace(container: Int, run: Int)
  }

  enum Effect: Equatable, Sendable {
    case spawn(container: Int, run: Int)
    case ask(container: Int, run: Int, kind: ProbeKind)
    case schedule(Timer, after: Duration)
    case terminate(container: Int)
    case kill(container: Int)
    /// What is kept of the pod changed: write it down and tell.
    case changed
    /// No process of the pod's is left.
    case finished
  }

  enum Activity: Equatable, Sendable {
    case idle, running, waiting, stopping, gone
  }

  struct Container: Equatable, Sendable {
    var isSidecar: Bool
    var startupProbe: ProbeSpec?
    var readinessProbe: ProbeSpec?
    var activity = Activity.idle
    /// Processes begun so far; the number of the present or last one.
    var run = 0
    var isStarted = false
    var isReady = false
    var failures = 0
    var askedSinceChange = 0
    var backoff = RestartBackoff()
  }

  /// The first question comes this soon, later ones at doubled distances up to the period, so that
  /// a container that starts fast is seen fast.
  static let firstProbe = Duration.milliseconds(10)

  private(set) var containers: [Container]
  private(set) var isStopping: Bool
  private var hasBegun = false
  private let grace: Duration

  init(template: PodTemplate, isStopping: Bool = false) {
    containers =
      template.sidecars.map { Self.container($0, isSidecar: true) }
      + template.containers.map { Self.container($0, isSidecar: false) }
    self.isStopping = isStopping
    grace = .seconds(template.graceSeconds)
  }

  private static func container(_ spec: ContainerSpec, isSidecar: Bool) -> Container {
    Container(
      isSidecar: isSidecar, startupProbe: spec.startupProbe, readinessProbe: spec.readinessProbe)
  }

  var isReady: Bool { !isStopping && containers.allSatisfy(\.isReady) }
  var areSidecarsReady: Bool { containers.allSatisfy { !$0.isSidecar || $0.isReady } }
  var isFinished: Bool { isStopping && containers.allSatisfy { $0.activity == .gone } }

  /// Restores what was written down of a container, before `begin`.
  mutating func restore(_ index: Int, run: Int, isAlive: Bool, isStarted: Bool, isReady: Bool) {
    precondition(!hasBegun, "containers are restored before supervision begins")
    containers[index].run = run
    guard isAlive else { return }
    containers[index].activity = .running
    containers[index].isStarted = isStarted
    containers[index].isReady = isReady && isStarted
  }

  mutating func on(_ event: Event) -> [Effect] {
    switch event {
    case .begin: begin()
    case .spawned(let index): spawned(index)
    case .spawnFailed(let index): ended(index, after: .zero)
    case .exited(let index, let run, let duration):
      isCurrent(index, run) ? ended(index, after: duration) : []
    case .probed(let index, let run, let kind, let passed):
      isCurrent(index, run) ? probed(index, kind, passed) : []
    case .looked(let index, let run, let passed):
      isCurrent(index, run) ? looked(index, passed) : []
    case .due(let timer): due(timer)
    case .stop: stop()
    }
  }

  private func isCurrent(_ index: Int, _ run: Int) -> Bool { containers[index].run == run }
}

extension PodMachine {
  private mutating func begin() -> [Effect] {
    hasBegun = true
    if isStopping {
      for index in containers.indices where containers[index].activity == .idle {
        containers[index].activity = .gone
      }
      return continueStopping()
    }
    var effects: [Effect] = []
    for index in containers.indices where containers[index].activity == .running {
      // The last driver may have died before it wrote down that this one started.
      effects += settle(index)
    }
    return effects + startWhatMay() + [.changed]
  }

  /// Starts idle sidecars, and the idle others once every sidecar is started.
  private mutating func startWhatMay() -> [Effect] {
    guard !isStopping else { return [] }
    let areSidecarsStarted = containers.allSatisfy { !$0.isSidecar || $0.isStarted }
    var effects: [Effect] = []
    for index in containers.indices
    where containers[index].activity == .idle
      && (containers[index].isSidecar || areSidecarsStarted)
    {
      effects.append(spawn(index))
    }
    return effects
  }

  private mutating func spawn(_ index: Int) -> Effect {
    containers[index].activity = .running
    containers[index].run += 1
    return .spawn(container: index, run: containers[index].run)
  }

  private mutating func spawned(_ index: Int) -> [Effect] {
    guard containers[index].activity == .running else { return [.changed] }
    containers[index].askedSinceChange = 0
    containers[index].failures = 0
    return settle(index) + [.changed]
  }

  /// What follows without a question: no startup probe means started, no readiness probe ready.
  private mutating func settle(_ index: Int) -> [Effect] {
    var effects: [Effect] = []
    if !containers[index].isStarted && containers[index].startupProbe == nil {
      containers[index].isStarted = true
    }
    if containers[index].isStarted {
      if containers[index].readinessProbe == nil { containers[index].isReady = true }
      effects = startWhatMay()
    }
    return nextProbe(index) + effects
  }

  private mutating func ended(_ index: Int, after duration: Duration) -> [Effect] {
    containers[index].isStarted = false
    containers[index].isReady = false
    if isStopping {
      containers[index].activity = .gone
      return continueStopping() + [.changed]
    }
    containers[index].activity = .waiting
    let wait = containers[index].backoff.next(afterRunOf: duration)
    let timer = Timer.restart(container: index, run: containers[index].run)
    return [.schedule(timer, after: wait), .changed]
  }
}

extension PodMachine {
  private mutating func nextProbe(_ index: Int) -> [Effect] {
    let container = containers[index]
    guard let kind = probeKind(container), let probe = probeSpec(container, kind) else { return [] }
    let doublings = min(container.askedSinceChange, 20)
    let period = Duration.milliseconds(probe.periodMilliseconds)
    let hasSettled = kind == .readiness && container.isReady
    let wait = hasSettled ? period : min(Self.firstProbe * (1 << doublings), period)
    containers[index].askedSinceChange += 1
    return [
      .schedule(.probe(container: index, run: container.run, kind: kind), after: wait)
    ]
  }

  private func probeKind(_ container: Container) -> ProbeKind? {
    if !container.isStarted { return container.startupProbe == nil ? nil : .startup }
    return container.readinessProbe == nil ? nil : .readiness
  }

  private func probeSpec(_ container: Container, _ kind: ProbeKind) -> ProbeSpec? {
    kind == .startup ? container.startupProbe : container.readinessProbe
  }

  private mutating func probed(_ index: Int, _ kind: ProbeKind, _ passed: Bool) -> [Effect] {
    guard containers[index].activity == .running, probeKind(containers[index]) == kind else {
      return []
    }
    if kind == .startup { return passed ? startupPassed(index) : nextProbe(index) }
    let changed = judge(index, passed)
    return nextProbe(index) + (changed ? [.changed] : [])
  }

  private mutating func looked(_ index: Int, _ passed: Bool) -> [Effect] {
    guard question(of: index, .readiness) != nil else { return [] }
    return judge(index, passed) ? [.changed] : []
  }

  /// How to ask the container, if what is to be known of it next is of this kind.
  func question(of index: Int, _ kind: ProbeKind) -> ProbeSpec? {
    guard containers[index].activity == .running, probeKind(containers[index]) == kind else {
      return nil
    }
    return probeSpec(containers[index], kind)
  }

  /// Takes an answer on readiness; true where it changed what is known.
  private mutating func judge(_ index: Int, _ passed: Bool) -> Bool {
    let wasReady = containers[index].isReady
    if passed {
      containers[index].failures = 0
      containers[index].isReady = true
    } else {
      containers[index].failures += 1
      if containers[index].failures >= (containers[index].readinessProbe?.failureThreshold ?? 1) {
        containers[index].isReady = false
      }
    }
    let changed = wasReady != containers[index].isReady
    if changed { containers[index].askedSinceChange = 0 }
    return changed
  }

  private mutating func startupPassed(_ index: Int) -> [Effect] {
    containers[index].isStarted = true
    containers[index].askedSinceChange = 0
    return settle(index) + [.changed]
  }

  private mutating func due(_ timer: Timer) -> [Effect] {
    switch timer {
    case .restart(let index, let run):
      guard isCurrent(index, run), containers[index].activity == .waiting, !isStopping else {
        return []
      }
      containers[index].activity = .idle
      return startWhatMay()
    case .probe(let index, let run, let kind):
      guard isCurrent(index, run), containers[index].activity == .running,
        probeKind(containers[index]) == kind
      else { return [] }
      return [.ask(container: index, run: run, kind: kind)]
    case .grace(let index, let run):
      guard isCurrent(index, run), containers[index].activity == .stopping else { return [] }
      return [.kill(container: index)]
    }
  }
}

extension PodMachine {
  private mutating func stop() -> [Effect] {
    guard !isStopping else { return [] }
    isStopping = true
    for index in containers.indices
    where containers[index].activity == .idle || containers[index].activity == .waiting {
      containers[index].activity = .gone
    }
    return [.changed] + continueStopping()
  }

  /// Asks the containers to end, then, when they are gone, the sidecars.
  private mutating func continueStopping() -> [Effect] {
    if containers.allSatisfy({ $0.activity == .gone }) { return [.finished] }
    let areOthersGone = containers.allSatisfy { $0.isSidecar || $0.activity == .gone }
    var effects: [Effect] = []
    for index in containers.indices
    where containers[index].activity == .running
      && (!containers[index].isSidecar || areOthersGone)
    {
      containers[index].activity = .stopping
      containers[index].isReady = false
      let timer = Timer.grace(container: index, run: containers[index].run)
      effects += [.terminate(container: index), .schedule(timer, after: grace)]
    }
    return effects
  }
}
