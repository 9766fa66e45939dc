import Glibc
import LinuxSystem

@testable import SidecarAgent

/// A peer of the HTTP client that behaves badly, on a thread of its own: blocking one of the few
/// threads that tests share could keep the client's side from ever being run.
struct Peer {
  let listener: ListeningSocket

  init() throws { listener = try ListeningSocket(address: "127.0.0.1", port: 0) }

  var url: String { "http://127.0.0.1:\(listener.port)/" }

  /// Nobody is reached from now on.
  func close() { listener.descriptor.close() }

  /// Accepts one connection, reads until the body `{}` came, then calls `react` and closes.
  func serveOnce(_ react: @escaping @Sendable (Descriptor) -> Void) {
    let listener = listener.descriptor
    Self.onThread {
      let connection = Descriptor(owning: accept(listener.number, nil, nil))
      var seen: [UInt8] = []
      while !seen.suffix(2).elementsEqual("{}".utf8) {
        guard let chunk = try? connection.read(upTo: 4096), !chunk.isEmpty else { return }
        seen += chunk
      }
      react(connection)
    }
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func onThread(_ run: @escaping @Sendable () -> Void) {
    SignalFD.ignore(SIGPIPE)
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run)).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, body)
    precondition(code == 0)
    pthread_detach(thread)
  }
}
