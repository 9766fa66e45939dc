import ConformanceKit
import Glibc
import PluginProto
import SwitchboardDefects
import Synchronization
import TTRPC

/// Defects of frames, streams and envelopes.
extension Patch {
  /// The frame that goes on to the plugin; nil where none does.
  func breakWire(_ original: WireFrame) async throws -> WireFrame? {
    var frame = original
    let stream = frame.stream
    if let response = broken(frame) {
      try await answer(stream, response)
      return nil
    }
    switch defect {
    case .hangsUpOnLongFrames where frame.data.count > WireFrame.dataBytesMax,
      .hangsUpOnUnknownKinds where !(1...3).contains(frame.kind),
      .hangsUpOnResponses where frame.kind == WireFrame.Kind.response,
      .hangsUpOnBadEnvelopes where isRequest(frame) && envelope(frame) == nil:
      close()
      return nil
    case .ignoresStrayData where frame.kind == WireFrame.Kind.data: return nil
    case .takesClientStreams: frame.flags &= ~WireFrame.Flag.remoteOpen
    default: break
    }
    if isRequest(frame) { streams.withLock { _ = $0.seen.insert(stream) } }
    return frame
  }

  private func isRequest(_ frame: WireFrame) -> Bool { frame.kind == WireFrame.Kind.request }

  private func envelope(_ frame: WireFrame) -> TTRPCProto.Request? {
    frame.data.count > WireFrame.dataBytesMax
      ? TTRPCProto.Request() : try? TTRPCProto.Request(serialized: frame.data)
  }

  /// What the defect answers in place of the plugin.
  private func broken(_ frame: WireFrame) -> TTRPCProto.Response? {
    guard isRequest(frame) else { return nil }
    let (seen, highest, count) = streams.withLock { streams in
      streams.requestsInRead += 1
      return (streams.seen.contains(frame.stream), streams.seen.max() ?? 0, streams.requestsInRead)
    }
    let ok = TTRPCProto.Response.ok(PluginV1.HealthReply(status: .serving))
    let bad = TTRPCProto.Response.error(.invalidArgument)
    switch defect {
    case .failsBeyondSixtyFourRequestsARead: return count > 64 ? .error(.internal) : nil
    case .refusesLongestFrame:
      return frame.data.count == WireFrame.dataBytesMax ? .error(.resourceExhausted) : nil
    case .refusesUnknownFlags: return frame.flags & 0xF8 != 0 ? bad : nil
    case .refusesRemoteClosed: return frame.flags == WireFrame.Flag.remoteClosed ? bad : nil
    case .refusesUnknownFields:
      guard let request = envelope(frame), frame.data.count <= WireFrame.dataBytesMax else {
        return nil
      }
      return request.serializedSize != frame.data.count ? bad : nil
    case .servesEvenStreams: return frame.stream % 2 == 0 ? ok : nil
    case .servesReusedStreams: return seen ? ok : nil
    case .servesFallingStreams: return !seen && frame.stream < highest ? ok : nil
    default: return brokenMessage(frame, ok: ok, bad: bad)
    }
  }

  private func brokenMessage(
    _ frame: WireFrame, ok: TTRPCProto.Response, bad: TTRPCProto.Response
  ) -> TTRPCProto.Response? {
    guard let request = envelope(frame) else { return nil }
    let services = ["Plugin", "Tasks", "Drivers"].map { "mortise.plugin.v1.\($0)" }
    switch defect {
    case .refusesEmptyPayloads:
      return request.service == services[0] && request.method == "Health"
        && request.payload.isEmpty ? bad : nil
    case .answersUnknownMethods: return request.method == "Levitate" ? ok : nil
    case .answersUnknownServices:
      return request.service.isEmpty || services.contains(request.service) ? nil : ok
    case .takesBadMessagesForEmpty:
      guard request.method == "Health" else { return nil }
      return (try? PluginV1.HealthRequest(serialized: request.payload)) == nil ? ok : nil
    case .diesOfUnreadableMessages:
      if request.method == "Recover",
        (try? PluginV1.RecoverRequest(serialized: request.payload)) == nil
      {
        _exit(3)
      }
      return nil
    default: return nil
    }
  }
}
