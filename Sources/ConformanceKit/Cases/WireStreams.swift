internal import PluginProto
internal import TTRPC

/// Stream numbers, envelopes and methods.
extension ConformanceCase {
  static let wireStreams: [ConformanceCase] = [
    ConformanceCase(
      "wire.stream-even", .must, "Streams",
      why: "Even numbers are not a client's, and an answer to them could be mistaken for another's."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WirePeer.health(stream: 4))
      try await peer.answer(on: 4, "a request on stream 4").mustBe(.invalidArgument)
      try await peer.requireAlive(stream: 5, after: "an even stream number")
    },
    ConformanceCase(
      "wire.stream-reused", .should, "Streams",
      why: "A number that is used twice makes two answers indistinguishable."
    ) { run in
      let peer = try await run.wire()
      try await peer.requireAlive(stream: 3, after: "the handshake")
      try await peer.send(WirePeer.health(stream: 3))
      try await peer.answer(on: 3, "a second request on stream 3").mustBe(.invalidArgument)
      try await peer.requireAlive(stream: 5, after: "a reused stream number")
    },
    ConformanceCase(
      "wire.stream-falling", .should, "Streams",
      why: "Numbers that fall show that the two sides no longer agree on what was sent."
    ) { run in
      let peer = try await run.wire()
      try await peer.requireAlive(stream: 9, after: "the handshake")
      try await peer.send(WirePeer.health(stream: 7))
      try await peer.answer(on: 7, "stream 7 after stream 9").mustBe(.invalidArgument)
      try await peer.requireAlive(stream: 11, after: "a falling stream number")
    },
    ConformanceCase(
      "wire.unknown-method", .must, "Streams",
      why: "A newer host asks for what an older plugin lacks, and must learn that it lacks it."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(
        WirePeer.request("mortise.plugin.v1.Plugin", "Levitate", [], stream: 3))
      try await peer.answer(on: 3, "an unknown method").mustBe(.unimplemented)
      try await peer.requireAlive(stream: 5, after: "an unknown method")
    },
    ConformanceCase(
      "wire.unknown-service", .must, "Streams",
      why: "A service that a plugin doesn't have is answered, not dropped: its host waits."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WirePeer.request("mortise.plugin.v9.Plugin", "Health", [], stream: 3))
      try await peer.answer(on: 3, "an unknown service").mustBe(.unimplemented)
      try await peer.requireAlive(stream: 5, after: "an unknown service")
    },
    ConformanceCase(
      "wire.malformed-envelope", .must, "Streams",
      why: "What can't be read is refused on its stream, and the connection goes on."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(
        WireFrame(stream: 3, kind: WireFrame.Kind.request, data: [0x0A, 0x7F, 0x01]))
      try await peer.answer(on: 3, "an unreadable envelope").mustBe(.invalidArgument)
      try await peer.requireAlive(stream: 5, after: "an unreadable envelope")
    },
    ConformanceCase(
      "wire.malformed-payload", .must, "Streams",
      why: "A message that can't be read must be refused, never taken for an empty one."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(
        WirePeer.request("mortise.plugin.v1.Plugin", "Health", [0x0A, 0x7F, 0x01], stream: 3))
      try await peer.answer(on: 3, "an unreadable message").mustBe(.invalidArgument)
      try await peer.requireAlive(stream: 5, after: "an unreadable message")
    },
    ConformanceCase(
      "wire.remote-closed", .must, "Streams",
      why:
        "A client may say with its request that nothing follows, which is true of every call here."
    ) { run in
      let peer = try await run.wire()
      var frame = WirePeer.health(stream: 3)
      frame.flags = WireFrame.Flag.remoteClosed
      try await peer.send(frame)
      try await peer.answer(on: 3, "a request with remote closed").mustBe(.ok)
    },
    ConformanceCase(
      "wire.data-unopened", .should, "Streams",
      why: "Data for a stream that was never opened shows a confused client, who should be told."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WireFrame(stream: 7, kind: WireFrame.Kind.data, data: [1]))
      // Whoever answers has done so long before all of these are answered.
      let streams = (1...5).map { UInt32(2 * $0 + 7) }
      for stream in streams { try await peer.send(WirePeer.health(stream: stream)) }
      let answer = try await peer.answer(on: 7, before: streams)
      try run.known(answer, "data on stream 7, which was never opened, was not answered")
        .mustBe(.invalidArgument)
    },
    ConformanceCase(
      "wire.client-stream", .should, "Streams",
      why: "No method takes a stream, and a client that sends one should not wait for ever."
    ) { run in
      let peer = try await run.wire()
      var frame = WirePeer.health(stream: 3)
      frame.flags = WireFrame.Flag.remoteOpen
      try await peer.send(frame)
      try await peer.answer(on: 3, "a request with remote open").mustBe(.unimplemented)
    },
    ConformanceCase(
      "wire.error-reason", .should, "Errors",
      why: "Programs branch on the reason: without one, a person has to read the message."
    ) { run in
      let host = try await run.connect()
      let error = try await host.refusal(
        PluginV1.Tasks.execute,
        .init(call: host.context, taskID: "t", attempt: 1, step: 1, type: "no-such-type"))
      try require(
        error.reason.isCamelCase, "the reason of \(error.code.name) is \"\(error.reason)\"")
    },
  ]
}

extension String {
  /// "UnknownTaskType".
  var isCamelCase: Bool {
    guard let first = unicodeScalars.first, ("A"..."Z").contains(first) else { return false }
    return unicodeScalars.allSatisfy {
      ("A"..."Z").contains($0) || ("a"..."z").contains($0) || ("0"..."9").contains($0)
    }
  }
}
