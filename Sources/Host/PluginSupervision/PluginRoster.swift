internal import Model

/// Which version of each plugin serves new work, and which others still have to run: a pure machine.
///
/// Whoever drives it notes what became of each version and calls `settle`, which says what is to
/// be done. It is level-triggered: an order that was carried out already is carried out again
/// without effect.
///
/// - Invariant: of one plugin, at most one version serves new work (guarded by `PluginRosterTests`).
/// - Invariant: a version that stored plans refer to is never retired unless it is disabled
///   (guarded by `PluginRosterTests`).
/// - Invariant: a version that only pinned tasks want ends when none has asked for it, or has work with it,
///   for a while (guarded by `PluginRosterTests`).
/// - Invariant: two versions of one driver are never configured at once (guarded by
///   `PluginRosterTests`).
struct PluginRoster: Sendable {
  /// What a version is good for at present.
  enum Standing: Sendable, Equatable {
    /// On its way to its first Ready: it may still take over.
    case untried
    /// A driver that introduced itself and waits to be configured.
    case waiting
    case ready
    /// Ready before, and on its way to be so again.
    case down
    case ending
    case stopped
    case quarantined
  }

  /// One version of a plugin.
  struct Member: Sendable, Equatable {
    var name: String
    var version: SemanticVersion
    var standing: Standing = .untried
    /// False once its folder is gone or holds another version.
    var isInstalled = true
    var hold: PluginHold?
    var isDriver = false
    /// Serves as long as it is there, before any installed version; started and ended by others.
    var isExternal = false
    /// What it offered last, with the types' versions.
    var types: [String: SemanticVersion] = [:]
    /// Tasks of stored plans that it began.
    var references = 0
    /// Pinned tasks asked for it, and it is not known yet that none does any more.
    var isWanted: Bool { asks > 0 }
    /// How often they asked since it was last not wanted.
    fileprivate(set) var asks = 0
    /// A `linger` of it is out.
    fileprivate(set) var isLingering = false

    /// Whether it may be given new work at all.
    ///
    /// An external one that has not joined holds up nobody.
    var isEligible: Bool {
      isInstalled && hold == nil && standing != .quarantined
        && !(isExternal && [.untried, .stopped].contains(standing))
    }

    /// Whether a process of it may live.
    var isAlive: Bool { standing != .stopped && standing != .quarantined }

    fileprivate func precedes(_ other: Member) -> Bool {
      isExternal == other.isExternal ? version < other.version : other.isExternal
    }
  }

  enum Order: Sendable, Equatable {
    case run(String)
    /// Ask it to end; it has nothing to do any more.
    case retire(String)
    /// Configure a driver: the one before it has ended.
    case proceed(String)
    /// New work goes to this version from now on.
    case serve(String)
    /// It was started for pinned tasks and has none: it runs on for a while, until `release`.
    case linger(String, asks: Int)
  }

  /// By place: the name of the folder.
  private(set) var members: [String: Member] = [:]
  /// By plugin, the place of the version that new work goes to.
  private(set) var serving: [String: String] = [:]

  mutating func change(_ place: String, _ body: (inout Member) -> Void) {
    guard var member = members[place] else { return }
    body(&member)
    members[place] = member
  }

  mutating func add(_ place: String, _ member: Member) { members[place] = member }

  mutating func remove(_ place: String) {
    if let name = members.removeValue(forKey: place)?.name, serving[name] == place {
      serving[name] = nil
    }
  }

  /// A pinned task that has not begun wants this version, which runs from now on if it may.
  mutating func ask(_ place: String) {
    change(place) { $0.asks += 1 }
  }

  /// A while has passed since `linger`: who was not asked for meanwhile is not wanted any more.
  ///
  /// No task is left waiting: a version is released only while it is Ready, when whoever it was started for
  /// has been woken; and who asks for one that ends has it started again.
  mutating func release(_ place: String, asks: Int) {
    change(place) { member in
      member.isLingering = false
      guard member.asks == asks, member.references == 0, member.standing == .ready else { return }
      member.asks = 0
    }
  }

  /// What is to be done, in the order of places.
  mutating func settle() -> [Order] {
    var orders: [Order] = []
    for name in Set(members.values.map(\.name)).sorted() {
      let before = serving[name]
      chooseServing(name)
      if let now = serving[name], now != before { orders.append(.serve(now)) }
    }
    for (place, member) in members.sorted(by: { $0.key < $1.key }) {
      if member.isExternal {
        if member.standing == .waiting, member.hold == nil, mayProceed(place, member) {
          orders.append(.proceed(place))
        }
      } else if !isNeeded(place, member) {
        if member.isAlive, member.standing != .ending { orders.append(.retire(place)) }
      } else if member.standing == .waiting {
        if mayProceed(place, member) { orders.append(.proceed(place)) }
      } else if member.standing == .stopped {
        orders.append(.run(place))
      }
    }
    return orders + lingering()
  }

  /// Versions that may not be wanted any more, each once until it is released.
  private mutating func lingering() -> [Order] {
    var orders: [Order] = []
    for (place, member) in members.sorted(by: { $0.key < $1.key })
    where member.isWanted && !member.isLingering && member.references == 0
      && member.standing == .ready
    {
      members[place]?.isLingering = true
      orders.append(.linger(place, asks: member.asks))
    }
    return orders
  }

  private mutating func chooseServing(_ name: String) {
    let present = serving[name].flatMap { members[$0] }
    if present?.isEligible != true { serving[name] = nil }
    let eligible = siblings(of: name).filter(\.value.isEligible)
    let ready = eligible.filter { $0.value.standing == .ready }
    guard let best = ready.max(by: { $0.value.precedes($1.value) }) else { return }
    if let current = serving[name].flatMap({ members[$0] }) {
      if current.precedes(best.value) { serving[name] = best.key }
    } else if !eligible.values.contains(where: { sibling in
      best.value.precedes(sibling) && [.untried, .waiting].contains(sibling.standing)
    }) {
      serving[name] = best.key
    }
  }

  private func siblings(of name: String) -> [String: Member] {
    members.filter { $0.value.name == name }
  }

  /// Whether the version has to run, or to be about to.
  private func isNeeded(_ place: String, _ member: Member) -> Bool {
    if member.hold == .disabled { return false }
    if member.references > 0 { return true }
    guard member.isEligible else { return false }
    if successorWaits(member) { return false }
    // Until it is decided who serves, whoever could goes on.
    if member.standing == .ready, serving[member.name] == nil { return true }
    if member.standing == .untried || member.isWanted || serving[member.name] == place {
      return true
    }
    let highest = siblings(of: member.name).values.filter { $0.isEligible && !$0.isExternal }
      .max { $0.precedes($1) }
    return highest == member
  }

  /// A driver's next version has introduced itself and can go on only when this one has ended.
  private func successorWaits(_ member: Member) -> Bool {
    member.isDriver
      && siblings(of: member.name).values.contains { sibling in
        sibling.isEligible && sibling.standing == .waiting && member.precedes(sibling)
      }
  }

  /// Those that stored plans refer to go first; else the highest.
  private func mayProceed(_ place: String, _ member: Member) -> Bool {
    let others = siblings(of: member.name).filter { other in
      other.key != place && other.value.isAlive
        && !(other.value.isExternal && other.value.standing == .untried)
    }.values
    guard others.allSatisfy({ $0.standing == .waiting || !$0.isDriver && $0.standing != .untried })
    else { return false }
    let rivals = others.filter { $0.standing == .waiting }
    if member.references > 0 {
      return !rivals.contains { $0.references > 0 && $0.precedes(member) }
    }
    return !rivals.contains { $0.references > 0 || member.precedes($0) }
  }
}
