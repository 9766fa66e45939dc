/// What the agent can be asked to do.
enum SidecarTaskType: String, Sendable, CaseIterable {
  /// Writes the file that the server loads.
  case configApply = "config-apply"
  /// Has the server's own program judge that file.
  case configValidate = "config-validate"
  /// Lets the main container start and traffic in; a configuration that fails validation can't.
  case markReady = "mark-ready"
  /// Keeps traffic out; what runs goes on.
  case markNotReady = "mark-not-ready"
}
