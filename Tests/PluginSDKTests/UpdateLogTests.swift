import PluginProto
import Testing

@testable import PluginSDK

@Suite struct UpdateLogTests {
  private func update(_ taskID: String, _ message: String = "") -> PluginV1.TaskUpdate {
    PluginV1.TaskUpdate(
      taskID: taskID, attempt: 1, reply: .running(handle: [], Progress(message)))
  }

  private func change(_ target: String, _ keys: String...) -> PluginV1.TargetChange {
    PluginV1.TargetChange(
      target: PluginV1.TargetState(name: target, reachable: true),
      changed: keys.map { PluginV1.IntentKey(target: target, kind: "K", key: $0) })
  }

  @Test("a reader sees what came after its cursor, once")
  func cursor() throws {
    var log = UpdateLog(start: 1000)
    #expect(log.read(after: 0) == nil)
    log.append(update("a"))
    log.append(update("b"))
    let first = try #require(log.read(after: 0))
    #expect(first.tasks.map(\.taskID) == ["a", "b"])
    #expect(!first.reset)
    #expect(log.read(after: first.cursor) == nil)
    log.append(change("t", "x"))
    let second = try #require(log.read(after: first.cursor))
    #expect(second.tasks.isEmpty)
    #expect(second.targets == [change("t", "x")])
    // Another reader is not hurried by the first.
    #expect(log.read(after: 0)?.tasks.count == 2)
  }

  @Test("later news of a task replaces earlier news")
  func replaced() {
    var log = UpdateLog(start: 1)
    log.append(update("a", "one"))
    log.append(update("b"))
    log.append(update("a", "two"))
    #expect(log.read(after: 0)?.tasks == [update("b"), update("a", "two")])
  }

  @Test("changes of one target are merged, naming each intent once")
  func merged() {
    var log = UpdateLog(start: 1)
    log.append(change("t", "x", "y"))
    log.append(change("u", "z"))
    log.append(change("t", "y", "w"))
    #expect(log.read(after: 0)?.targets == [change("u", "z"), change("t", "x", "y", "w")])
  }

  @Test(
    "a cursor of another process is reset and shown everything", arguments: [1, 999, 1_000_000])
  func foreign(_ cursor: UInt64) throws {
    var log = UpdateLog(start: 1000)
    log.append(update("a"))
    let reply = try #require(log.read(after: cursor))
    #expect(reply.reset)
    #expect(reply.tasks.map(\.taskID) == ["a"])
    #expect(reply.cursor == 1001)
    #expect(log.read(after: reply.cursor) == nil)
  }

  @Test("whoever falls further behind than the buffer holds is reset, others are not")
  func overflow() throws {
    var log = UpdateLog(start: 10, changesMax: 3)
    for name in ["a", "b", "c", "d", "e"] { log.append(update(name)) }
    #expect(log.read(after: 0)?.reset == true)
    #expect(log.read(after: 11)?.reset == true)
    let near = try #require(log.read(after: 12))
    #expect(!near.reset)
    #expect(near.tasks.map(\.taskID) == ["c", "d", "e"])
  }

  @Test("more changes than one reply may name come with the next, each once")
  func long() throws {
    var log = UpdateLog(start: 10)
    let names = (0...UpdateLog.changesPerReplyMax).map { "\($0)" }
    for name in names { log.append(update(name)) }
    let first = try #require(log.read(after: 0))
    let second = try #require(log.read(after: first.cursor))
    #expect(first.tasks.map(\.taskID) + second.tasks.map(\.taskID) == names)
    #expect(second.tasks.count == 1)
    #expect(log.read(after: second.cursor) == nil)
  }

  @Test("more changed intents than one change may name reset everyone")
  func tooManyIntents() throws {
    var log = UpdateLog(start: 10)
    for number in 0..<UpdateLog.changedIntentsMax { log.append(change("t", "\(number)")) }
    let before = try #require(log.read(after: 0))
    #expect(!before.reset)
    #expect(before.targets.first?.changed.count == UpdateLog.changedIntentsMax)
    log.append(change("t", "one more"))
    #expect(log.read(after: before.cursor)?.reset == true)
  }
}
