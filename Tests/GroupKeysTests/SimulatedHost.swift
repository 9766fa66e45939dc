import GroupKeys
import JSON
import SeededRandom

@testable import Groups
@testable import PluginSDK

/// A run of a task in the simulation: which phase and step it is in, and what it waits for.
struct SimulatedRun {
  let name: String
  let phases: [TaskPhase]
  let execute: (TaskContext) async throws -> Wait?
  var phase = 0
  var step = 1
  var wait: Wait?
  /// Of `wait`: not written yet.
  var unwritten: [IntentWrite] = []
  var isOver: Bool { phase == phases.count }

  static func make<Type: IntentTask & ExpandableTask>(
    _ name: String, _ task: Type, _ params: Type.Params
  ) async throws -> SimulatedRun {
    SimulatedRun(name: name, phases: try await task.expand(params, ResourceReference())) {
      context in
      switch try await task.execute(params, context) {
      case .wait(let wait): return wait
      case .complete: return nil
      case .running: preconditionFailure("these tasks act through intents")
      }
    }
  }
}

/// A host, its driver and its devices as values: whatever the real ones may do at some moment is one
/// move here, and a seed chooses among them.
struct SimulatedHost {
  struct Device {
    var table = DeviceTable()
    var skew: Int64 = 0
    var isOnline = true
    var sequence: Int64 = 0
  }

  var random: SplitMix64
  /// Breaks the host on purpose: it takes whatever it wrote for done, so that barriers hold nobody.
  var takesWishesForFacts = false
  private(set) var devices: [String: Device] = [:]
  private(set) var intents: [IntentKey: Intent] = [:]
  private(set) var runs: [SimulatedRun] = []
  private(set) var checker = TalkChecker()
  /// How often each device's table really changed.
  private(set) var effects = 0
  private var now: Int64 = 1_700_000_000_000_000

  init(seed: UInt64, devices names: [String]) {
    random = SplitMix64(seed: seed)
    let century: Int64 = 3_000_000_000_000_000
    for name in names {
      devices[name] = Device(skew: Int64.random(in: -century...century, using: &random))
      log(name)
    }
  }

  var isQuiet: Bool {
    runs.allSatisfy(\.isOver) && intents.values.allSatisfy { $0.state == .committed }
  }

  /// Begins a run, unless another one holds one of its exclusive keys.
  mutating func begin(_ run: SimulatedRun) -> Bool {
    let held = Set(runs.filter { !$0.isOver }.flatMap { $0.phases.flatMap(\.exclusiveKeys) })
    guard held.isDisjoint(with: run.phases.flatMap(\.exclusiveKeys)) else { return false }
    runs.append(run)
    return true
  }

  mutating func setOnline(_ name: String, _ isOnline: Bool) {
    guard devices[name]?.isOnline != isOnline else { return }
    devices[name]?.isOnline = isOnline
    log(name)
  }

  private mutating func log(_ name: String) {
    now += 1000
    devices[name]?.sequence += 1
    guard let device = devices[name] else { preconditionFailure("no device \(name)") }
    checker.take(
      ChangeEntry(
        device: name, sequence: device.sequence, atMicroseconds: now,
        skewMicroseconds: device.skew, isOnline: device.isOnline, table: device.table))
  }

  /// One move of anybody: a run, or the driver on one intent.
  mutating func move() async throws {
    let waiting = intents.values.filter { $0.state != .committed }.map(\.key).sorted {
      ($0.target, $0.kind, $0.key) < ($1.target, $1.kind, $1.key)
    }
    let live = runs.indices.filter { !runs[$0].isOver }
    let choice = Int.random(in: 0..<max(1, waiting.count + live.count), using: &random)
    if choice < waiting.count {
      converge(waiting[choice])
    } else if choice - waiting.count < live.count {
      try await advance(live[choice - waiting.count])
    }
  }

  /// The driver tries one intent, if its device is there.
  private mutating func converge(_ key: IntentKey) {
    guard var intent = intents[key], let device = devices[key.target], device.isOnline else {
      return
    }
    do {
      guard let change = try change(intent) else { return }
      var table = device.table
      if try table.make(change, within: DeviceCapacity(keySets: 3, groups: 4, members: 8)) {
        devices[key.target]?.table = table
        effects += 1
        log(key.target)
      }
    } catch {
      // Refused in this order of things: tried again later.
      return
    }
    // Now and then whoever asked dies before it can say that it worked.
    if Int.random(in: 0..<4, using: &random) == 0 { return }
    if intent.state == .deletePending {
      intents[key] = nil
      return
    }
    intent.state = .committed
    if key.kind == GroupKind.keySet, let keys = try? KeySetSpec(intent.spec).keys {
      let clock = DeviceTime(wallMicroseconds: now, skewMicroseconds: device.skew)
      intent.observed = ["transmits": keys.transmits(at: clock).map { .string($0) } ?? .null]
    }
    intents[key] = intent
  }

  private func change(_ intent: Intent) throws -> TableChange? {
    let isGoing = intent.state == .deletePending
    if isGoing, intents.values.contains(where: { references($0, intent.key) }) { return nil }
    switch intent.key.kind {
    case GroupKind.keySet:
      return isGoing
        ? .removeKeySet(intent.key.key)
        : .setKeySet(intent.key.key, try KeySetSpec(intent.spec).keys)
    case GroupKind.keyMap:
      return isGoing
        ? .removeKeyMap(group: intent.key.key)
        : .setKeyMap(group: intent.key.key, keySet: try KeyMapSpec(intent.spec).keySet)
    default:
      let member = try DeviceTable.Member(intent.spec)
      return isGoing ? .removeMember(member) : .addMember(member)
    }
  }

  /// By the shape of the specs: the simulation keeps no references of its own.
  private func references(_ intent: Intent, _ key: IntentKey) -> Bool {
    guard intent.key.target == key.target else { return false }
    switch (intent.key.kind, key.kind) {
    case (GroupKind.keyMap, GroupKind.keySet): return intent.spec["keySet"]?.string == key.key
    case (GroupKind.membership, GroupKind.keyMap): return intent.spec["group"]?.string == key.key
    default: return false
    }
  }

  /// A run writes one of its intents, or looks at its gate, or is asked for its next step.
  private mutating func advance(_ index: Int) async throws {
    if let write = runs[index].unwritten.popLast() {
      want(write)
      return
    }
    if let wait = runs[index].wait {
      for key in wait.remove { drop(key) }
      for key in wait.release {
        let isNeeded = intents.values.contains {
          $0.state != .deletePending && references($0, key)
        }
        if !isNeeded { drop(key) }
      }
      guard holds(wait.gate) || takesWishesForFacts else { return }
      runs[index].wait = nil
      runs[index].step += 1
    }
    let run = runs[index]
    let context = TaskContext(
      step: run.step, phase: run.phases[run.phase].name,
      intents: intents.values.map { takesWishesForFacts ? Self.fulfilled($0) : $0 })
    let reply = try await run.execute(context)
    // Now and then the reply is lost before it is stored: the step is asked for again.
    if Int.random(in: 0..<4, using: &random) == 0 { return }
    guard let reply else {
      runs[index].phase += 1
      runs[index].step = 1
      return
    }
    runs[index].wait = reply
    runs[index].unwritten = reply.set.shuffled(using: &random)
  }

  private static func fulfilled(_ intent: Intent) -> Intent {
    var intent = intent
    intent.state = .committed
    let keys = try? KeySetSpec(intent.spec).keys
    intent.observed = ["transmits": keys?.current.map { .string($0) } ?? .null]
    return intent
  }

  private mutating func want(_ write: IntentWrite) {
    if let known = intents[write.key], known.spec == write.spec, known.state != .deletePending {
      return
    }
    intents[write.key] = Intent(write.key, spec: write.spec)
  }

  private mutating func drop(_ key: IntentKey) {
    guard intents[key]?.state != .deletePending else { return }
    intents[key]?.state = .deletePending
  }

  private func holds(_ gate: Gate) -> Bool {
    gate.clauses.allSatisfy { clause in
      guard devices[clause.intent.target]?.isOnline ?? false else { return false }
      let intent = intents[clause.intent]
      switch clause.test {
      case .absent: return intent == nil
      case .settled: return intent.map { $0.state == .committed } ?? true
      case .committed: return intent?.state == .committed
      case .equals(_, let value):
        return intent?.state == .committed && intent?.observed?["transmits"] == value
      case .atLeast: preconditionFailure("no task here asks for it")
      }
    }
  }
}
