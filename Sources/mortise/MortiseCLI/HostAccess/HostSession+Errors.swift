internal import TTRPC

extension HostSession {
  /// The host's error as an exit code and a message that says what to do.
  func failure(_ error: RPCError, about reference: ObjectReference?) -> CommandFailure {
    switch error.code {
    case .unavailable:
      CommandFailure(
        .unreachable, "mortise: lost the host at \(socketPath): \(error.message)")
    case .deadlineExceeded:
      CommandFailure(
        .timedOut, "mortise: the host at \(socketPath) did not answer in time: \(error.message)")
    case .cancelled:
      CommandFailure(.interrupted, "mortise: interrupted")
    case .notFound where error.reason == "UnknownKind":
      CommandFailure(.notFound, "mortise: \(error.message)")
    case .notFound:
      CommandFailure(
        .notFound,
        reference.map { "mortise: \($0.sentence) not found" } ?? "mortise: \(error.message)")
    case .invalidArgument, .failedPrecondition, .alreadyExists, .aborted, .permissionDenied,
      .outOfRange, .resourceExhausted:
      CommandFailure(.refused, "mortise: refused: \(error.message)")
    case .unimplemented:
      CommandFailure(
        .refused, "mortise: the host at \(socketPath) can't do that: \(error.message)")
    case .ok, .unknown, .internal, .dataLoss, .unauthenticated:
      CommandFailure(.failed, "mortise: the host failed: \(error)")
    }
  }
}
