/// Every bound of a connection, by name. The defaults are the protocol's or generous for one host.
public struct Limits: Sendable, Equatable {
  /// The longest data of a frame that is taken or sent, envelope included. The protocol's own
  /// maximum: larger values don't interoperate.
  public var frameBytes = 4 << 20
  /// The longest data that is read and thrown away, so that only its stream is refused; beyond it
  /// the connection closes. The first byte of a header is reserved and zero, so that nothing above
  /// 16 MiB is a frame at all.
  public var discardedBytes = (16 << 20) - 1
  /// Calls at once on one connection; a further one is refused with RESOURCE_EXHAUSTED.
  public var callsInFlight = 1024
  /// Bytes that wait to be written to one connection; beyond it a server reads no more requests, a
  /// stream's writer waits, and a client's new call is refused with RESOURCE_EXHAUSTED.
  public var outboundBytes = 8 << 20
  /// Messages of one stream that its reader has not taken; beyond it the stream fails.
  public var streamBufferMessages = 4096
  /// Bytes of one stream that its reader has not taken; beyond it the stream fails.
  public var streamBufferBytes = 16 << 20
  /// Connections of one server; more wait in the listener's backlog.
  public var connections = 256
  /// Frames in a row that a client takes though they answer nothing that it waits for; beyond it the
  /// connection closes. Far more than there can be late answers to calls that were given up.
  public var ignoredFrames = 4096
  /// Bytes of such frames; beyond it the connection closes.
  public var ignoredBytes = 64 << 20
  /// Bytes that are read from one connection before others have their turn.
  public var readBytesPerTurn = 256 << 10

  /// The defaults.
  public init() {}
}
