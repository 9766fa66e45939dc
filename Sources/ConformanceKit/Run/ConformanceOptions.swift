/// Which cases run, and how.
public struct ConformanceOptions: Sendable {
  /// Ids, or beginnings of ids that end with a dot ("wire."); empty = all.
  public var focus: [String] = []
  /// Left out, as `focus` names them.
  public var skip: [String] = []
  /// Without it SHOULD rules are left out.
  public var includesShould = true
  /// Where random choices begin; a report names it.
  public var seed: UInt64 = 1
  /// How long a case waits for what a plugin does at once, before it says that it never comes.
  public var patience = Duration.seconds(60)
  public var effort = Effort.thorough

  public init() {}

  func selects(_ one: ConformanceCase) -> Bool {
    let isNamed = { (names: [String]) in
      names.contains { one.id == $0 || ($0.hasSuffix(".") && one.id.hasPrefix($0)) }
    }
    if !includesShould, one.level == .should { return false }
    return (focus.isEmpty || isNamed(focus)) && !isNamed(skip)
  }

  /// Names in `focus` and `skip` that no case has: a spelling that would pass for success.
  public var unknownNames: [String] {
    (focus + skip).filter { name in
      !ConformanceCase.all.contains {
        $0.id == name || (name.hasSuffix(".") && $0.id.hasPrefix(name))
      }
    }
  }
}
