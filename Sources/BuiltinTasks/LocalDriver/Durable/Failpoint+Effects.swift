import LinuxSystem

/// The places at which a crash test can have the driver killed: three moments of each effect.
///
/// `MORTISE_FAILPOINT=local.<effect>.<moment>` arms one; docs/local-driver.md lists them. The marker
/// that lets the next driver pass is `failpoint-<name>` in the data directory.
extension Failpoint {
  enum Moment: String {
    /// In the journal, not done.
    case before
    /// Done, not in the effects log.
    case after
    /// In the effects log, its entry in the journal still open.
    case logged
  }

  func reach(_ effect: Effect.Name, _ moment: Moment) {
    reach("local.\(effect.rawValue).\(moment.rawValue)")
  }
}
