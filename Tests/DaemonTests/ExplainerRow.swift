import Model
import Testing

@testable import Daemon

/// What is said, by cause and subject, and what else a row looks for.
struct Answer: Sendable {
  var state: Explanation.State
  var waits: [String]
  /// Parts of the summary and of what the waits say.
  var says: [String]
  var next: [String] = []
}

/// A change of the plain situation: a Box without a plan, its plugin ready, nothing to do.
typealias Change = @Sendable (inout Situation) -> Void

struct Row: Sendable, CustomTestStringConvertible {
  var what: String
  var change: Change
  var answer: Answer

  init(_ what: String, _ change: @escaping Change, _ answer: Answer) {
    self.what = what
    self.change = change
    self.answer = answer
  }

  var testDescription: String { what }
}
