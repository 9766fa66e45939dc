import Execution
import Testing

@testable import Daemon
@testable import TTRPC

@Suite struct CallFailureTests {
  @Test("every code of the wire but OK has its twin, by number and by name")
  func codes() {
    for code in RPCCode.allCases where code != .ok {
      let twin = CallFailure.Code(rawValue: code.rawValue)
      #expect(twin.map { "\($0)" } == "\(code)")
      #expect(CallFailure(RPCError(code, reason: "R", message: "m")).code == twin)
    }
    #expect(CallFailure.Code.allCases.count == RPCCode.allCases.count - 1)
  }

  @Test(
    "only a plugin's own word is a verdict",
    arguments: [
      (RPCError.connectionLost("x"), false), (.frameTooLarge(9, 8), false),
      (.replyTooLarge(8), false),
      (RPCError(.resourceExhausted, reason: "TooManyCalls", message: ""), true),
      (RPCError(.unavailable, reason: "ShuttingDown", message: ""), true),
    ])
  func verdicts(_ error: RPCError, _ isAnswer: Bool) {
    let failure = CallFailure(error)
    #expect(failure.isAnswer == isAnswer)
    // Work that may have been done is never simply delivered again.
    let disposition = Disposition(of: .callFailed(failure))
    if case .deliverAgain = disposition { #expect(isAnswer) } else { #expect(!isAnswer) }
  }
}
