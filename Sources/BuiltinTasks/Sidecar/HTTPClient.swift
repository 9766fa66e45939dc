/// HTTP over libcurl, without blocking whoever asks.
///
/// One thread drives all transfers: libcurl's own loop costs nothing while idle, and the event
/// loop that serves the plugin's calls stays free of a second library's sockets and timers.
/// - Invariant: each `send` is answered exactly once, also when it is cancelled or the client goes
///   (guarded by `HTTPClientTests`).
/// - Isolation: `send` from anywhere; libcurl's handles belong to the thread alone.
final class HTTPClient: Sendable {
  /// Requests on their way at once; more are refused as not sent.
  static let transferLimit = 128
  static let responseBytesLimit = 1 << 20
  static let connectTimeoutMS = 2_000

  private let loop = TransferLoop()

  deinit { loop.stop() }

  /// - Cancellation: the transfer is torn down and fails, as possibly received where a byte was
  ///   written.
  /// - Throws: `HTTPFailure` where no answer came back.
  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    let id = loop.nextID()
    let result: Result<HTTPResponse, HTTPFailure> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.submit(id, request) { continuation.resume(returning: $0) }
      }
    } onCancel: {
      loop.cancel(id)
    }
    return try result.get()
  }
}
