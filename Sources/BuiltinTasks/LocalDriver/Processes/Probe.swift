import Glibc
import LinuxSystem
import TTRPC

/// Asks a container once whether it is started or ready.
enum Probe {
  /// More of an answer than its status line is of no interest.
  static let maximumAnswerBytes = 512

  /// False where it is refused, answers anything but yes, or takes longer than the probe allows.
  static func ask(_ spec: ProbeSpec, at address: String, on loop: EventLoop) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask(executorPreference: loop) { await answer(spec.question, address, loop) }
      group.addTask(executorPreference: loop) {
        try? await loop.sleep(for: .milliseconds(spec.timeoutMilliseconds))
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
  }

  private static func answer(
    _ question: ProbeSpec.Question, _ address: String, _ loop: EventLoop
  ) async -> Bool {
    do {
      switch question {
      case .tcp(let port):
        _ = try await LoopbackSocket.connect(address, port, on: loop)
        return true
      case .http(let path, let port):
        let socket = try await LoopbackSocket.connect(address, port, on: loop)
        let request =
          "GET \(path) HTTP/1.1\r\nHost: \(address):\(port)\r\nConnection: close\r\n"
          + "User-Agent: mortise-local\r\n\r\n"
        // Fits any socket buffer: a partial write means a peer that is no HTTP server.
        let bytes = Array(request.utf8)
        guard send(socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
          return false
        }
        return isSuccess(try await statusLine(of: socket, loop))
      }
    } catch {
      // Refused, reset or cancelled: the answer is no, which is all that a probe asks.
      return false
    }
  }

  private static func statusLine(of socket: Descriptor, _ loop: EventLoop) async throws -> [UInt8] {
    var answer: [UInt8] = []
    while answer.count < maximumAnswerBytes, !answer.contains(UInt8(ascii: "\n")) {
      try await loop.waitReadable(socket.number)
      guard let bytes = try received(by: socket) else { continue }
      if bytes.isEmpty { break }
      answer += bytes
    }
    return answer
  }

  /// Empty at the end of the stream, nil where there is nothing yet.
  private static func received(by socket: Descriptor) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try socket.read(upTo: maximumAnswerBytes)
    } catch  where error.isWouldBlock {
      return nil
    }
  }

  /// Whether a status line says 200 to 399, as Kubernetes counts it.
  static func isSuccess(_ answer: [UInt8]) -> Bool {
    let line = answer.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    let words = line.split(separator: UInt8(ascii: " "))
    guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
      let code = Int(String(decoding: words[1], as: UTF8.self))
    else { return false }
    return (200...399).contains(code)
  }
}
