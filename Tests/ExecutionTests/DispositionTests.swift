import JSON
import Testing

@testable import Execution
@testable import Model

private let error = TaskError(reason: "Code", message: "m")

private enum Kind: Equatable {
  case deliverAgain, fail, recover, park
}

private func kind(_ disposition: Disposition) -> Kind? {
  switch disposition {
  case .deliverAgain: .deliverAgain
  case .fail: .fail
  case .recover: .recover
  case .park(.preconditionFailed, _): .park
  default: nil
  }
}

/// What an answered code leads to, for every code there is.
private let codes: [(CallFailure.Code, Kind)] = [
  (.unavailable, .deliverAgain), (.aborted, .deliverAgain), (.resourceExhausted, .deliverAgain),
  (.invalidArgument, .fail), (.unimplemented, .fail), (.permissionDenied, .fail),
  (.unauthenticated, .fail), (.notFound, .fail), (.alreadyExists, .fail), (.outOfRange, .fail),
  (.failedPrecondition, .park),
  (.deadlineExceeded, .recover), (.internal, .recover), (.cancelled, .recover),
  (.unknown, .recover), (.dataLoss, .recover),
]

@Suite("Every answer has one disposition")
struct DispositionTests {
  @Test("Complete records the outputs")
  func complete() {
    #expect(Disposition(of: .complete(outputs: ["a": 1])) == .complete(outputs: ["a": 1]))
  }

  @Test("Running waits for the plugin's update")
  func running() {
    let handle = TaskHandle(data: "00", version: 1)
    let progress = TaskProgress(message: "m", percent: 5)
    #expect(Disposition(of: .running(handle, progress)) == .awaitUpdate(handle, progress))
    #expect(Disposition(of: .running(nil, nil)) == .awaitUpdate(nil, nil))
  }

  @Test("Wait converges intents")
  func wait() {
    #expect(
      Disposition(of: .wait(Wish(set: [setVolume], remove: [volume], gate: volumeGate)))
        == .converge(Wish(set: [setVolume], remove: [volume], gate: volumeGate)))
  }

  @Test("a transient failure makes another attempt, with the plugin's hint")
  func transient() {
    #expect(
      Disposition(of: .failed(error, isTransient: true, retryAfter: .seconds(5)))
        == .nextAttempt(error, retryAfter: .seconds(5)))
    #expect(
      Disposition(of: .failed(error, isTransient: true, retryAfter: nil))
        == .nextAttempt(error, retryAfter: nil))
  }

  @Test("a terminal failure fails the plan, whatever hint comes with it")
  func terminal() {
    #expect(
      Disposition(of: .failed(error, isTransient: false, retryAfter: .seconds(5))) == .fail(error))
  }

  @Test("no plugin parks the task")
  func noPlugin() {
    #expect(Disposition(of: .noPlugin(message: "m")) == .park(.pluginUnavailable, message: "m"))
  }

  @Test("a code that the plugin answered leads where the table says", arguments: codes)
  fileprivate func answered(_ code: CallFailure.Code, _ expected: Kind) {
    #expect(kind(Disposition(of: .callFailed(failure(code)))) == expected)
  }

  @Test("the table has every code")
  func everyCode() {
    #expect(Set(codes.map(\.0)) == Set(CallFailure.Code.allCases))
  }

  @Test("a call that failed without an answer is unknown, whatever the code")
  func unanswered() {
    for code in CallFailure.Code.allCases {
      #expect(kind(Disposition(of: .callFailed(failure(code, isAnswer: false)))) == .recover)
    }
  }

  @Test("a request of which no byte left is delivered again, whatever the code")
  func unsent() {
    for code in CallFailure.Code.allCases {
      let failure = failure(code, mayHaveBeenReceived: false, isAnswer: false)
      #expect(kind(Disposition(of: .callFailed(failure))) == .deliverAgain)
    }
  }
}
