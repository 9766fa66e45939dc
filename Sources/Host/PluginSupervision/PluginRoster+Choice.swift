internal import Model

extension PluginRoster {
  /// Where a task that has not begun goes.
  enum Choice: Sendable, Equatable {
    /// The place of a version that takes it now.
    case ready(String)
    /// A version that rests would take it: it is to be started.
    case resting(String)
    case nobody(String)
  }

  /// The version that a task of this type, which has not begun, is to be given to.
  ///
  /// Of several plugins the first by name. Of one plugin the version that serves; another one only
  /// where the range excludes that, or where it does not offer the type.
  ///
  /// - Parameter range: of the type's version; nil = any.
  func choose(type: String, range: VersionRange?) -> Choice {
    func accepts(_ member: Member) -> Bool {
      guard let version = member.types[type] else { return false }
      return range?.accepts(version) ?? true
    }
    let offering = members.filter { $0.value.isEligible && accepts($0.value) }
    for name in Set(offering.values.map(\.name)).sorted() {
      guard let served = serving[name], let server = members[served] else { continue }
      let place: String
      if accepts(server) {
        place = served
      } else if let best = offering.filter({ $0.value.name == name }).max(by: {
        $0.value.version < $1.value.version
      }) {
        place = best.key
      } else {
        continue
      }
      guard let member = members[place] else { continue }
      if member.standing == .ready {
        return isMakingWay(member) ? .nobody(makesWay(member)) : .ready(place)
      }
      // One that is just ending is started again when it has: nobody else would wake the task.
      if member.standing == .stopped || member.standing == .ending { return .resting(place) }
      return .nobody(
        "\(name) \(member.version), which serves \(type), is not ready; see mortise plugins")
    }
    return .nobody(absence(of: type, range))
  }

  /// By type, the plugins that offer it and may be given new tasks, where they are several: the first
  /// gets them.
  var sharedTypes: [String: [String]] {
    var offering: [String: Set<String>] = [:]
    for member in members.values where member.isEligible {
      for type in member.types.keys { offering[type, default: []].insert(member.name) }
    }
    return offering.filter { $0.value.count > 1 }.mapValues { $0.sorted() }
  }

  func isServing(_ place: String) -> Bool {
    members[place].map { serving[$0.name] == place } ?? false
  }

  private func isMakingWay(_ member: Member) -> Bool {
    member.isDriver
      && members.values.contains { sibling in
        sibling.name == member.name && sibling.isEligible && sibling.standing == .waiting
          && member.version < sibling.version
      }
  }

  private func makesWay(_ member: Member) -> String {
    "\(member.name) \(member.version) makes way for a newer version"
  }

  private func absence(of type: String, _ range: VersionRange?) -> String {
    let versions = members.values.compactMap { member in
      member.types[type].map { "\($0) of \(member.name) \(member.version)" }
    }.sorted()
    if let range, !versions.isEmpty {
      return
        "no plugin serves \(type) \(range.description); there is \(versions.joined(separator: ", "))"
    }
    return "no plugin that is ready serves \(type); see mortise plugins"
  }
}
