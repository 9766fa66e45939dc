internal import LinuxSystem

/// Where text goes: written at once, so that whoever waits at the other end of a pipe has it.
protocol TextSink: Sendable {
  func write(_ text: String) throws(SystemError)
  /// Nil where nobody watches: a file or a pipe.
  var terminal: TerminalSize? { get }
}

/// The two outputs of a command.
struct Console: Sendable {
  var output: any TextSink
  var errors: any TextSink

  /// Standard output and standard error.
  static func standard() -> Console {
    Console(output: DescriptorSink.standardOutput, errors: DescriptorSink.standardError)
  }

  /// Prints a line, or several.
  ///
  /// - Throws: exit code 1: a result that can't be written was not given.
  func print(_ text: String) throws(CommandFailure) {
    try write(text + "\n")
  }

  /// Prints text as it is.
  func write(_ text: String) throws(CommandFailure) {
    do throws(SystemError) {
      try output.write(text)
    } catch {
      throw CommandFailure(.failed, "mortise: can't write the output: \(error)")
    }
  }

  /// Tells a person something beside the result.
  ///
  /// Where standard error is closed there is nobody to tell; the exit status still says it.
  func complain(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
      Self.fitted(String($0), to: errors.terminal?.columns)
    }
    do throws(SystemError) {
      try errors.write(lines.joined(separator: "\n") + "\n")
    } catch {
      return
    }
  }
}

extension Console {
  /// A sentence broken between words where a terminal ends; what is indented stays as it is.
  private static func fitted(_ line: String, to columns: Int?) -> [String] {
    guard let columns, !line.hasPrefix(" "), DisplayText.width(line) > columns else {
      return [line]
    }
    return DisplayText.wrapped(line, to: columns)
  }
}

/// A descriptor of the process, whose owner is the process.
struct DescriptorSink: TextSink {
  static let standardOutput = DescriptorSink(descriptor: Descriptor(owning: 1))
  static let standardError = DescriptorSink(descriptor: Descriptor(owning: 2))

  let descriptor: Descriptor

  func write(_ text: String) throws(SystemError) {
    try descriptor.writeAll(text.utf8)
  }

  var terminal: TerminalSize? { TerminalSize.ofTerminal(descriptor.number) }
}
