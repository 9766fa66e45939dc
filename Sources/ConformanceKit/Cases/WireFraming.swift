internal import PluginProto
internal import TTRPC

/// Frames, however the bytes come.
extension ConformanceCase {
  static let wireFraming: [ConformanceCase] = [
    ConformanceCase(
      "wire.byte-at-a-time", .must, "Frame",
      why: "A socket may hand over any part of a frame, so a reader that expects whole ones hangs."
    ) { run in
      let peer = try await run.wire(to: try await run.shared(), shakesHands: false)
      let greeting = CaseRun.greeting(epoch: try await run.shared().currentEpoch)
      for byte in WirePeer.request(PluginV1.Plugin.handshake, greeting, stream: 1).bytes {
        try await peer.connection.send(bytes: [byte])
        // Two bytes that the plugin reads at once would have been sent in one piece for all it knows.
        try await peer.connection.waitUntilRead(run.patience)
      }
      try await peer.answer(on: 1, "Handshake, a byte at a time").mustBe(.ok)
    },
    ConformanceCase(
      "wire.coalesced", .must, "Frame",
      why: "Requests that were written apart arrive in one piece, and none of them may be lost."
    ) { run in
      let peer = try await run.wire()
      let streams = (1...100).map { UInt32(2 * $0 + 1) }
      let bytes = streams.flatMap { WirePeer.health(stream: $0).bytes }
      try await peer.connection.send(bytes: bytes)
      let answers = try await peer.answers(on: Set(streams), "100 requests in one write")
      let bad = answers.values.first { $0.code != .ok }
      try require(
        answers.count == streams.count && bad == nil,
        "of 100 Health requests in one write \(answers.count) were answered"
          + (bad.map { ", one with \($0.description)" } ?? ""))
    },
    ConformanceCase(
      "wire.frame-max", .must, "Limits",
      why: "A host sends up to 4 MiB in a frame, and a task whose params are that long must run."
    ) { run in
      let peer = try await run.wire()
      let frame = WirePeer.health(stream: 3, dataBytes: WireFrame.dataBytesMax)
      try require(
        frame.data.count == WireFrame.dataBytesMax, "the kit made a frame of a wrong size")
      try await peer.send(frame)
      try await peer.answer(on: 3, "a frame of 4,194,304 bytes").mustBe(.ok)
    },
    ConformanceCase(
      "wire.frame-too-large", .must, "Limits",
      why: "One call that is too long must not take the others on its connection with it."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WirePeer.health(stream: 3, dataBytes: WireFrame.dataBytesMax + 1))
      try await peer.answer(on: 3, "a frame of 4,194,305 bytes").mustBe(.resourceExhausted)
      try await peer.requireAlive(stream: 5, after: "a frame that is too long")
    },
    ConformanceCase(
      "wire.not-a-frame", .must, "Limits",
      why: "Bytes that are no frame must cost the connection at most, never the process."
    ) { run in
      let instance = try await run.shared()
      let peer = try await run.wire(to: instance)
      let header = WireFrame.header(length: 0xFFFF_FFFF, stream: 3, kind: 1)
      // The plugin may hang up before it has it all.
      try? await peer.connection.send(bytes: header + [UInt8](repeating: 0xFF, count: 1000))
      try await run.requireServing(instance, after: "a header of 4 GiB")
      peer.close()
    },
    ConformanceCase(
      "wire.eof-mid-frame", .must, "Connections",
      why: "A host that is killed hangs up in the middle of a frame, and the next host connects."
    ) { run in
      let instance = try await run.shared()
      for length in [3, 10, 17] {
        let peer = try await run.wire(to: instance)
        let bytes = WirePeer.health(stream: 3).bytes
        try await peer.connection.send(bytes: Array(bytes.prefix(length)))
        peer.close()
        try await run.requireServing(instance, after: "the end of a connection mid-frame")
      }
    },
    ConformanceCase(
      "wire.unknown-kind", .must, "Frame",
      why: "Later versions may add frame types, which today's plugins must skip."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WireFrame(stream: 3, kind: 9, data: [1, 2, 3]))
      try await peer.requireAlive(stream: 5, after: "a frame of the unknown type 9")
    },
    ConformanceCase(
      "wire.response-ignored", .must, "Streams",
      why: "A response means nothing to a server, and is no reason to give the connection up."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WireFrame(stream: 1, kind: WireFrame.Kind.response))
      try await peer.requireAlive(stream: 5, after: "a response from its client")
    },
    ConformanceCase(
      "wire.unknown-flags", .must, "Frame",
      why: "Bits that have no meaning yet must be ignored, or no meaning can be given to them."
    ) { run in
      let peer = try await run.wire()
      var frame = WirePeer.health(stream: 3)
      frame.flags = 0xF8
      try await peer.send(frame)
      try await peer.answer(on: 3, "a request with unknown flags").mustBe(.ok)
    },
    ConformanceCase(
      "wire.unknown-fields", .must, "Versions",
      why: "Within a major version fields are added, and an older plugin meets them first."
    ) { run in
      let peer = try await run.wire()
      let instance = try await run.shared()
      let unknown: [UInt8] = [0x82, 0x7D, 0x03, 0x61, 0x62, 0x63]  // field 2000: "abc"
      let call = PluginV1.HealthRequest(call: .init(hostEpoch: instance.currentEpoch))
      var frame = WirePeer.request(
        "mortise.plugin.v1.Plugin", "Health", call.serialized() + unknown, stream: 3)
      frame.data += unknown
      try await peer.send(frame)
      try await peer.answer(on: 3, "a request with an unknown field").mustBe(.ok)
    },
    ConformanceCase(
      "wire.empty-payload", .must, "Envelope",
      why: "A message whose fields all have their defaults has no bytes, and is a message still."
    ) { run in
      let peer = try await run.wire()
      try await peer.send(WirePeer.request("mortise.plugin.v1.Plugin", "Health", [], stream: 3))
      try await peer.answer(on: 3, "Health without a payload").mustBe(.ok)
    },
  ]
}
