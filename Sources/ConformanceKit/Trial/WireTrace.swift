internal import PluginProto
internal import Synchronization
internal import TTRPC

/// Writes down what two sides say, so that a person can read it.
final class WireTrace: Sendable {
  private let write: @Sendable (String) -> Void
  private let methods = Mutex<[UInt32: String]>([:])

  init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  /// Passes frames on until one side hangs up.
  static func pass(
    from source: WireConnection, to target: WireConnection,
    _ look: @Sendable (WireFrame) -> Void
  ) async {
    while let frame = try? await source.next() {
      look(frame)
      do { try await target.send(frame) } catch { break }
    }
    target.close()
    source.close()
  }

  func request(_ frame: WireFrame) {
    guard let envelope = try? TTRPCProto.Request(serialized: frame.data) else {
      return write("→ stream \(frame.stream): \(frame.data.count) bytes that can't be read")
    }
    let name = "\(envelope.service)/\(envelope.method)"
    methods.withLock { $0[frame.stream] = name }
    write(
      Self.joined(
        "→ stream \(frame.stream)  \(name)  \(frame.data.count) bytes",
        MessageText.request(name, envelope.payload)))
  }

  func answer(_ frame: WireFrame) {
    let name = methods.withLock { $0.removeValue(forKey: frame.stream) } ?? "unknown stream"
    let head = "← stream \(frame.stream)  \(name)  \(frame.data.count) bytes"
    guard let envelope = try? TTRPCProto.Response(serialized: frame.data) else {
      return write("\(head) that can't be read")
    }
    let answer = WireAnswer(envelope)
    write(
      answer.code == .ok
        ? Self.joined(head, MessageText.reply(name, envelope.payload))
        : "\(head)\n    \(answer.description): \(answer.message)")
  }

  private static func joined(_ head: String, _ fields: String) -> String {
    fields.isEmpty ? head : "\(head)\n\(fields)"
  }
}
