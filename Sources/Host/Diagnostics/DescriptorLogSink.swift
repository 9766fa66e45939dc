internal import Glibc
internal import Synchronization

/// Writes lines to a descriptor, standard error as a rule.
///
/// - Isolation: any thread; a lock keeps lines whole. It is held over the write alone, which calls
///   back into nothing.
public final class DescriptorLogSink: LogSink {
  private let format: LogFormat
  /// The descriptor, which the sink does not own.
  private let output: Mutex<Int32>

  public init(descriptor: Int32, format: LogFormat) {
    self.format = format
    output = Mutex(descriptor)
  }

  /// Text where a person watches, JSON lines where a program collects.
  public static func standardError() -> DescriptorLogSink {
    DescriptorLogSink(
      descriptor: STDERR_FILENO, format: isatty(STDERR_FILENO) == 1 ? .text : .json)
  }

  /// Writes one line and what ends it.
  public func write(_ record: LogRecord) {
    let line = format.line(record)
    output.withLock { descriptor in
      line.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = Glibc.write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          if count < 0 && errno == EINTR { continue }
          // A log that can't be written has nowhere to say so.
          guard count > 0 else { return }
          rest = rest.dropFirst(count)
        }
      }
    }
  }
}
