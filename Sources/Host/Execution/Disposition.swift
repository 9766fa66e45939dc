public import JSON
public import Model

/// What the host does about an answer. The only place that maps codes to what happens next.
public enum Disposition: Sendable, Equatable {
  case complete(outputs: JSONValue)
  case awaitUpdate(TaskHandle?, TaskProgress?)
  case converge(Wish)
  /// Nothing was done: the same (task id, attempt) again, spending no retry.
  case deliverAgain(TaskError)
  /// A known failure: attempt + 1 while retries are left.
  case nextAttempt(TaskError, retryAfter: Milliseconds?)
  /// The task and its plan fail.
  case fail(TaskError)
  /// Nobody knows whether it was done: Recover before anything else.
  case recover(TaskError)
  case park(Park.Reason, message: String)

  /// - SeeAlso: the table of DESIGN section 5, guarded row by row by `DispositionTests`.
  public init(of answer: TaskAnswer) {
    switch answer {
    case .complete(let outputs): self = .complete(outputs: outputs)
    case .running(let handle, let progress): self = .awaitUpdate(handle, progress)
    case .wait(let wish): self = .converge(wish)
    case .failed(let error, let isTransient, let retryAfter):
      self = isTransient ? .nextAttempt(error, retryAfter: retryAfter) : .fail(error)
    case .callFailed(let failure): self = Disposition(of: failure)
    case .noPlugin(let message): self = .park(.pluginUnavailable, message: message)
    case .busy(let message): self = .park(.pluginBusy, message: message)
    }
  }

  /// The error of an attempt that is known to have failed.
  var failure: TaskError? {
    switch self {
    case .nextAttempt(let error, _), .fail(let error): error
    default: nil
    }
  }

  private init(of failure: CallFailure) {
    guard failure.mayHaveBeenReceived else {
      self = .deliverAgain(failure.taskError)
      return
    }
    guard failure.isAnswer else {
      self = .recover(failure.taskError)
      return
    }
    switch failure.code {
    case .unavailable, .aborted, .resourceExhausted:
      self = .deliverAgain(failure.taskError)
    case .invalidArgument, .unimplemented, .permissionDenied, .unauthenticated, .notFound,
      .alreadyExists, .outOfRange:
      self = .fail(failure.taskError)
    case .failedPrecondition:
      self = .park(.preconditionFailed, message: failure.message)
    case .deadlineExceeded, .internal, .cancelled, .unknown, .dataLoss:
      self = .recover(failure.taskError)
    }
  }
}
