internal import LinuxSystem
internal import Model

/// What a plugin's processes write to stdout and stderr, on its way to the log.
///
/// - Isolation: confined to the runner that owns it.
struct PluginOutput {
  enum Stream: String, Sendable { case stdout, stderr }

  /// What a read found.
  enum Reading: Sendable, Equatable {
    case some(bytes: Int)
    case nothingNow
    case end
  }

  /// Bytes taken in one turn of the loop: a plugin that floods its log holds up nobody.
  static let readBytesMax = 64 * 1024

  /// Bytes that a plugin may write at once and in the long run; whoever writes more waits in his own
  /// `write` until the host reads on.
  static let rate = TokenBucket(burst: 8 << 20, perSecond: 1 << 20)

  /// What is not to be kept of it.
  var secrets = PluginSecrets()
  private var log: PluginLogFile
  private var rate = Self.rate
  private var isSlowedDown = false
  private var stdout = LineSplitter()
  private var stderr = LineSplitter()
  private var recent = RecentLines()

  /// Why the log can't be written at present; nil where it can.
  private var logProblem: String?

  init(logPath: String) {
    log = PluginLogFile(path: logPath)
  }

  /// What an operator should know of it; empty = nothing.
  var note: String {
    isSlowedDown
      ? "its output is slowed down: it writes more than \(Self.rate.perSecond >> 20) MiB a second"
      : logProblem ?? ""
  }

  /// How long to pause after so many bytes were read.
  mutating func pause(after bytes: Int, at now: Duration) -> Duration {
    let pause = rate.take(bytes, at: now)
    isSlowedDown = pause > .zero
    return pause
  }

  var lastErrorLines: [String] { recent.lines }

  /// Takes what is there, as far as one turn goes.
  mutating func read(_ descriptor: Descriptor, _ stream: Stream) -> Reading {
    do throws(SystemError) {
      let bytes = try descriptor.read(upTo: Self.readBytesMax)
      if bytes.isEmpty { return .end }
      switch stream {
      case .stdout: write(stdout.lines(in: bytes), stream)
      case .stderr: write(stderr.lines(in: bytes), stream)
      }
      return .some(bytes: bytes.count)
    } catch {
      // A pipe has no other errors; one that can't be read has nothing more to say.
      return error.isWouldBlock ? .nothingNow : .end
    }
  }

  mutating func beginRun() {
    stdout = LineSplitter()
    stderr = LineSplitter()
    recent = RecentLines()
    rate = Self.rate
    isSlowedDown = false
  }

  /// Takes the lines without an end that a process left.
  mutating func endRun() {
    if let line = stdout.finish() { write([line], .stdout) }
    if let line = stderr.finish() { write([line], .stderr) }
  }

  private mutating func write(_ raw: [String], _ stream: Stream) {
    let lines = raw.map(secrets.redact)
    if stream == .stderr { for line in lines { recent.append(line) } }
    let prefix = "\(Timestamp(milliseconds: WallTime.nowUnixMS())) \(stream.rawValue) "
    do throws(SystemError) {
      try log.append(lines.map { prefix + $0 })
      logProblem = nil
    } catch {
      logProblem = "its log can't be written: \(error)"
    }
  }
}
