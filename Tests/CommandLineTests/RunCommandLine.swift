import Glibc
import LinuxSystem
import Synchronization
import TestPlaces

@testable import MortiseCLI

/// Runs a command line against a host, on a thread of its own: the command's loop blocks it.
func mortise(
  _ arguments: String..., host: FakeHost? = nil, input: String = "",
  terminal: TerminalSize? = nil
) async throws -> CommandResult {
  try await mortise(arguments, host: host, input: input, terminal: terminal)
}

/// As above.
func mortise(
  _ arguments: [String], host: FakeHost? = nil, input: String = "",
  terminal: TerminalSize? = nil, environment: [String: String] = [:]
) async throws -> CommandResult {
  let output = MemorySink(terminal: terminal)
  let errors = MemorySink()
  var surroundings = Surroundings.testing(
    output: output, errors: errors, environment: environment, input: input)
  surroundings.executable = BuiltProducts.path("mortise")
  surroundings.environment["MORTISE_SOCKET"] = host?.path ?? "/does/not/exist.sock"
  let code = await onThread { [surroundings] in Program.run(arguments, surroundings) }
  return CommandResult(code: code, output: output.text, errors: errors.text)
}

private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    let work = Unmanaged.passRetained(ThreadWork { continuation.resume(returning: body()) })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<ThreadWork>.fromOpaque(context!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    precondition(code == 0, "a test can start a thread")
    pthread_detach(thread)
  }
}

private final class ThreadWork: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }
}
