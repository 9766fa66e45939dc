import Glibc

/// What an echo program is asked to do by its command line; the same for every peer.
///
///     PROGRAM serve SOCKET                          answers until its standard input ends
///     PROGRAM call SOCKET CALLS BYTES IN_FLIGHT     calls, and says how long it took
///
/// A server prints `ready`. A caller warms up, prints `warm`, waits for a line, makes its calls,
/// prints `P50 P99 MIN ELAPSED` in nanoseconds and waits for the end of its standard input, so that
/// whoever started it can read the processor time of both programs before, between and after.
public enum EchoCommand: Sendable {
  case serve(path: String)
  case call(path: String, EchoLoad)

  /// Reads the command line; ends the program where it is none.
  public init(arguments: [String]) {
    switch arguments.dropFirst().first {
    case "serve" where arguments.count == 3:
      self = .serve(path: arguments[2])
    case "call" where arguments.count == 6:
      let numbers = arguments[3...].compactMap { Int($0) }
      guard numbers.count == 3 else { Self.refuse() }
      self = .call(
        path: arguments[2],
        EchoLoad(calls: numbers[0], bytes: numbers[1], inFlight: numbers[2]))
    default:
      Self.refuse()
    }
  }

  private static func refuse() -> Never {
    EchoRun.complain("usage: echo serve SOCKET | call SOCKET CALLS BYTES IN_FLIGHT")
    exit(2)
  }
}

/// How much is to be called.
public struct EchoLoad: Sendable {
  public let calls: Int
  /// Length of the text in each message.
  public let bytes: Int
  /// Calls that wait for their answers at once.
  public let inFlight: Int

  /// Calls before those that count.
  public var warmUpCalls: Int { max(inFlight, calls / 10) }

  public var text: String { String(repeating: "x", count: bytes) }
}
