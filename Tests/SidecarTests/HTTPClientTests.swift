import LinuxSystem
import Testing

@testable import Sidecar

@Suite("The HTTP client")
struct HTTPClientTests {
  private let peer: Peer
  private let client = HTTPClient()

  init() throws { peer = try Peer() }

  private func request(to peer: Peer? = nil, timeoutMS: Int = 60_000) -> HTTPRequest {
    HTTPRequest(
      method: "POST", url: (peer ?? self.peer).url, body: Array("{}".utf8), timeoutMS: timeoutMS)
  }

  private func outcome(of peer: Peer? = nil) async -> Result<HTTPResponse, HTTPFailure> {
    do throws(HTTPFailure) {
      return .success(try await client.send(request(to: peer)))
    } catch { return .failure(error) }
  }

  @Test("a peer that closes after it read may have received the request")
  func closed() async throws {
    peer.serveOnce { _ in }
    let result = await outcome()
    let failure = #expect(throws: HTTPFailure.self) { try result.get() }
    #expect(failure?.mayHaveBeenReceived == true)
  }

  @Test("a peer that nobody reached has not")
  func unreachable() async throws {
    peer.close()
    let failure = await #expect(throws: HTTPFailure.self) { try await client.send(request()) }
    #expect(failure?.mayHaveBeenReceived == false)
  }

  @Test("a peer that does not answer in time may have received it")
  func silent() async throws {
    let failure = await #expect(throws: HTTPFailure.self) {
      try await client.send(request(timeoutMS: 50))
    }
    #expect(failure?.mayHaveBeenReceived == true)
  }

  @Test("an answer beyond its limit is refused")
  func largeAnswer() async throws {
    peer.serveOnce { connection in
      let length = HTTPClient.responseBytesLimit + 1
      try? connection.writeAll("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n".utf8)
      try? connection.writeAll([UInt8](repeating: 0x20, count: length))
    }
    let result = await outcome()
    let failure = #expect(throws: HTTPFailure.self) { try result.get() }
    #expect(failure?.message.contains("more than") == true)
  }

  @Test("a cancelled request fails at once, before or after it was sent")
  func cancelled() async throws {
    for isSent in [false, true] {
      let peer = try Peer()
      let (sent, signal) = AsyncStream.makeStream(of: Void.self)
      peer.serveOnce { connection in
        signal.finish()
        // Until the client goes.
        _ = try? connection.read(upTo: 1)
      }
      await withTaskGroup(of: Result<HTTPResponse, HTTPFailure>.self) { group in
        group.addTask { await outcome(of: peer) }
        if isSent { for await _ in sent {} }
        group.cancelAll()
        let result = await group.next()
        #expect(throws: HTTPFailure.self) { try result?.get() }
      }
    }
  }

  @Test("many requests at once are each answered once, and too many are refused unsent")
  func many() async throws {
    let count = HTTPClient.transferLimit + 32
    let failures = await withTaskGroup(of: HTTPFailure?.self) { group in
      for _ in 0..<count {
        group.addTask {
          do throws(HTTPFailure) {
            _ = try await client.send(request(timeoutMS: 300))
            return nil
          } catch { return error }
        }
      }
      return await group.reduce(into: [HTTPFailure]()) {
        if let failure = $1 { $0.append(failure) }
      }
    }
    #expect(failures.count == count)
    #expect(failures.contains { $0.message.contains("on their way") && !$0.mayHaveBeenReceived })
  }

  @Test("a client that goes away answers what was on its way")
  func dropped() async throws {
    let loop = TransferLoop()
    let id = loop.nextID()
    let result = await withCheckedContinuation { continuation in
      loop.submit(id, request()) { continuation.resume(returning: $0) }
      loop.stop()
    }
    #expect(throws: HTTPFailure.self) { try result.get() }
  }
}
