public import JSON
public import Model

/// What came of one delivery of a task, whoever said it: the plugin, the wire or the host itself.
public enum TaskAnswer: Sendable, Equatable {
  case complete(outputs: JSONValue)
  case running(TaskHandle?, TaskProgress?)
  case wait(Wish)
  /// The plugin's verdict on work that it accepted.
  case failed(TaskError, isTransient: Bool, retryAfter: Milliseconds?)
  /// No verdict: the call itself failed.
  case callFailed(CallFailure)
  case noPlugin(message: String)
  /// It was not delivered: the plugin or its type has as many calls in flight as it may.
  case busy(message: String)
}

/// How a call failed, in google.rpc's codes.
public struct CallFailure: Error, Sendable, Equatable {
  /// google.rpc's codes, OK aside: a failure has none of it.
  public enum Code: Int32, Sendable, CaseIterable {
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16
  }

  public var code: Code
  public var reason: String
  public var message: String
  /// False = no byte of the request left the host.
  public var mayHaveBeenReceived: Bool
  /// True = the peer answered with this code; false = the connection or the deadline did.
  public var isAnswer: Bool

  public init(
    code: Code, reason: String, message: String, mayHaveBeenReceived: Bool, isAnswer: Bool
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.mayHaveBeenReceived = mayHaveBeenReceived
    self.isAnswer = isAnswer
  }

  public var taskError: TaskError { TaskError(reason: reason, message: message) }
}

/// What a plugin knows of an earlier delivery of the same (task id, attempt, step).
public enum RecoveryAnswer: Sendable, Equatable {
  case finished(TaskAnswer)
  case running(TaskHandle?, TaskProgress?)
  case notStarted
  /// It can't tell; a type declared idempotent may simply be executed again.
  case unknown(isIdempotent: Bool)
  case callFailed(CallFailure)
  case noPlugin(message: String)
}
