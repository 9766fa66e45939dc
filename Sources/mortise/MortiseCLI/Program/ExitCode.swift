/// What scripts branch on; the numbers never change.
enum ExitCode: Int32, Sendable, CaseIterable {
  case ok = 0
  case failed = 1
  case usage = 2
  case unreachable = 3
  case notFound = 4
  case refused = 5
  case timedOut = 6
  case degraded = 7
  case paused = 8
  case interrupted = 130

  /// As help and docs/cli.md list it.
  var meaning: String {
    switch self {
    case .ok: "done"
    case .failed: "a plan failed, a condition was not reached, or the command itself could not work"
    case .usage: "the command line is wrong"
    case .unreachable: "no host answers at the socket"
    case .notFound: "there is no such object or kind"
    case .refused: "the host refused: an invalid manifest, a conflict, something still in use"
    case .timedOut: "not within the time that was given"
    case .degraded:
      "a rollout goes on although a child failed, or nobody can tell what became of it"
    case .paused: "a rollout is paused, by a person or behind its canaries"
    case .interrupted: "interrupted by SIGINT or SIGTERM; the host's work goes on"
    }
  }
}
