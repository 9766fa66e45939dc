internal import JSON
internal import Model
internal import Rollout

extension MetricsText {
  /// What is known of rollouts, as their stored status has it.
  mutating func add(_ rollouts: [RolloutReading]) {
    // Not a counter: an end that a corrected record takes back is no end, and is counted off.
    var ended = Family(
      "mortise_rollout_attempts_ended", .gauge, "Attempts that ended, by how: each is counted once."
    )
    var attempt = Family(
      "mortise_rollout_attempt", .gauge, "The number of the attempt that goes on, or of the last.")
    var children = Family("mortise_rollout_children", .gauge, "Children of the attempt, by state.")
    var degraded = Family(
      "mortise_rollout_degraded", .gauge,
      "Whether a child failed, or nobody can tell what became of one.")
    var paused = Family(
      "mortise_rollout_paused", .gauge, "Whether a person or the canaries hold it.")
    for rollout in rollouts {
      let metadata = rollout.resource.metadata
      func add(_ family: inout Family, _ value: Int64, state: String? = nil) {
        if let state {
          let labels: KeyValuePairs = [
            "namespace": metadata.namespace, "rollout": metadata.name, "state": state,
          ]
          family.add(labels, value)
        } else {
          family.add(["namespace": metadata.namespace, "rollout": metadata.name], value)
        }
      }
      for state in RolloutState.allCases where state.isTerminal {
        add(&ended, rollout.status.totals[state] ?? 0, state: state.rawValue)
      }
      add(&attempt, rollout.status.attempt?.number ?? 0)
      let counts = rollout.resource.status.fields["children"]
      for state in ChildState.allCases {
        add(&children, counts?[state.rawValue.lowercased()]?.integer ?? 0, state: state.rawValue)
      }
      add(&degraded, rollout.isDegraded ? 1 : 0)
      add(&paused, rollout.isHeld ? 1 : 0)
    }
    families += [ended, attempt, children, degraded, paused]
  }
}
