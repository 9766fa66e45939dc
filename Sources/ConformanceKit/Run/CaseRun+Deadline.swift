internal import LinuxSystem
internal import PluginProto
internal import TTRPC

extension CaseRun {
  /// Milliseconds since the Unix epoch.
  var now: Int64 { WallTime.nowUnixMS() }

  /// A poll that would wait for a minute is answered when its deadline is over.
  func requireDeadline(envelope: Duration, message: Duration?) async throws {
    let instance = try await shared()
    let reader = try await connect(to: instance)
    var cursor: UInt64 = 0
    for _ in 0..<100 {
      let news = try await reader.call(
        PluginV1.Plugin.updates, .init(call: reader.context, cursor: cursor))
      cursor = news.cursor
      if news.tasks.isEmpty, news.targets.isEmpty { break }
    }
    let peer = try await wire(to: instance)
    var context = PluginV1.CallContext(hostEpoch: instance.currentEpoch)
    if let message { context.deadlineUnixMS = now + message.milliseconds }
    let started = MonotonicTime.now()
    let wait = Duration.seconds(50)
    try await peer.send(
      WirePeer.request(
        PluginV1.Plugin.updates,
        .init(call: context, cursor: cursor, waitMS: UInt32(wait.milliseconds)), stream: 3,
        timeout: envelope))
    let answer = try await peer.answer(on: 3, "Updates with a deadline in 50 ms")
    let waited = MonotonicTime.now().duration(since: started)
    try answer.mustBe(.ok, .deadlineExceeded)
    try require(
      waited < wait * 4 / 5, "a call with a deadline in 50 ms was answered after \(waited)")
    peer.close()
  }
}
