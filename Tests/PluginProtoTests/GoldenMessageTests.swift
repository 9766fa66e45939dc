import PluginProto
import Testing

@Suite struct GoldenMessageTests {
  @Test(
    "every message decodes and encodes to the very bytes of protobuf's own runtime",
    arguments: GoldenMessage.all)
  func roundTrip(_ golden: GoldenMessage) throws {
    let type = try #require(messageTypes[golden.name], "add it to MessageTypes.swift")
    try check(type, golden)
  }

  private func check<Message: ProtoMessage>(_ type: Message.Type, _ golden: GoldenMessage) throws {
    let message = try Message(serialized: golden.bytes)
    #expect(message.serialized() == golden.bytes)
    #expect(message.serializedSize == golden.bytes.count)
    // A message with fields is not mistaken for an empty one, nor equal to it.
    #expect((message == Message()) == golden.bytes.isEmpty)
    #expect(try Message(serialized: message.serialized()) == message)
  }

  @Test("a message is appended to what the bytes hold already")
  func appends() {
    var bytes: [UInt8] = [1, 2, 3]
    PluginV1.Complete(outputs: [9]).serialize(into: &bytes)
    PluginV1.ShutdownReply().serialize(into: &bytes)
    #expect(bytes == [1, 2, 3, 0x0A, 1, 9])
  }

  @Test("each field lands in the property of its name")
  func fields() throws {
    let golden = try #require(
      GoldenMessage.all.first { $0.name == "mortise.plugin.v1.ExecuteRequest" })
    let request = try PluginV1.ExecuteRequest(serialized: golden.bytes)
    #expect(request.taskID == "task_id ü 0")
    #expect(request.attempt == 30 + 1 << 31)
    #expect(request.step == 40 + 1 << 31)
    #expect(request.type == "type ü 0")
    #expect(request.typeVersion == "type_version ü 0")
    #expect(request.params == [0, 255, 70])
    #expect(request.intents.map(\.spec) == [[0, 255, 20], [0, 255, 20]])
    #expect(request.intents[1].state == .removeFailed)
    #expect(request.resource?.namespace == "namespace ü 0")
    #expect(request.target == "target ü 0")
    #expect(request.dryRun)
    #expect(request.call?.deadlineUnixMS == -10)
  }

  @Test("an unknown enum value is kept and sent on")
  func unknownEnum() throws {
    let bytes: [UInt8] = [0x08, 77]
    let reply = try PluginV1.DriverReply(serialized: bytes)
    #expect(reply.result == .unrecognized(77))
    #expect(reply.result.rawValue == 77)
    #expect(reply.serialized() == bytes)
    let negative = PluginV1.DriverReply(result: .unrecognized(-1))
    #expect(try PluginV1.DriverReply(serialized: negative.serialized()) == negative)
  }

  @Test("of a oneof that came twice the last case counts")
  func oneofTwice() throws {
    var bytes = PluginV1.TaskReply(outcome: .complete(.init(outputs: [1]))).serialized()
    PluginV1.TaskReply(outcome: .failed(.init(reason: "Late"))).serialize(into: &bytes)
    #expect(
      try PluginV1.TaskReply(serialized: bytes).outcome == .failed(.init(reason: "Late")))
  }

  @Test("unknown fields are dropped")
  func unknownFields() throws {
    #expect(
      try PluginV1.Complete(serialized: [0x0A, 1, 9, 0x98, 0x06, 5]) == .init(outputs: [9]))
  }

  @Test("a NUL in a string is read as it came and sent as U+FFFD")
  func nul() throws {
    let failed = try PluginV1.Failed(serialized: [0x0A, 3, 0x61, 0, 0x62])
    #expect(failed.reason == "a\0b")
    #expect(try PluginV1.Failed(serialized: failed.serialized()).reason == "a\u{FFFD}b")
  }

  @Test("methods are named as the .proto files name them")
  func methods() {
    #expect(PluginV1.Tasks.execute.service == "mortise.plugin.v1.Tasks")
    #expect(PluginV1.Tasks.recoveryComplete.name == "RecoveryComplete")
    #expect(HostV1.Host.watch.service == "mortise.host.v1.Host")
  }
}
