/// Why a command ended without doing what it was asked: what, where, and what to do.
struct CommandFailure: Error, Sendable, Equatable {
  var code: ExitCode
  /// For standard error, without a final newline. Empty where all was said already.
  var message: String

  init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }
}
