/// What is done about a folder that may have changed while its version is known.
///
/// A version that runs is never swapped under its tasks: what was begun goes on as what began it.
enum InstallationChange: Sendable, Equatable {
  case nothing
  /// What runs is of no worth, or only its settings changed.
  case restart
  case refuse(String)

  /// - Parameters:
  ///   - running: what the version was started by.
  ///   - installed: what stands in the folder now.
  ///   - isRunning: whether a process of it was Ready since it was started.
  init(
    from running: PluginDirectory.Installed, to installed: PluginDirectory.Installed,
    isRunning: Bool
  ) {
    let (old, new) = (running.manifest, installed.manifest)
    if installed == running {
      self = .nothing
    } else if !isRunning {
      self = .restart
    } else if old.version != new.version {
      self = .refuse(
        "its folder holds version \(new.version) now, and \(old.version) runs on: install it beside, "
          + "as \(new.name)@\(new.version), or change over with mortise plugins restart \(new.place)"
      )
    } else if old.digest != new.digest || running.stamp != installed.stamp {
      self = .refuse(
        "its executable changed under the running version \(old.version), which runs on as it was: "
          + "install it beside under a version of its own, or change over with "
          + "mortise plugins restart \(new.place)")
    } else {
      self = .restart
    }
  }
}
