import LinuxSystem
import Model
import Synchronization

@testable import MortiseCLI

/// Keeps what was written.
final class MemorySink: TextSink {
  let terminal: TerminalSize?
  private let content = Mutex("")

  init(terminal: TerminalSize? = nil) {
    self.terminal = terminal
  }

  var text: String { content.withLock { $0 } }
  var lines: [String] { text.split(separator: "\n").map(String.init) }

  func write(_ text: String) {
    content.withLock { $0 += text }
  }
}

extension Surroundings {
  /// Those of a test: nothing of the process that runs it.
  static func testing(
    output: MemorySink = MemorySink(), errors: MemorySink = MemorySink(),
    environment: [String: String] = [:], input: String = "",
    now: Timestamp = Timestamp(milliseconds: Sample.start)
  ) -> Surroundings {
    Surroundings(
      environment: environment, workingDirectory: "/work/dir", executable: "/does/not/exist",
      console: Console(output: output, errors: errors), now: { now },
      readInput: { Array(input.utf8) })
  }
}
