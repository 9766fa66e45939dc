import JSON
import LinuxSystem
import TestPlaces
import Testing

@testable import SidecarAgent

@Suite("The agent's state directory")
struct AgentStateTests {
  private let pod: TemporaryDirectory
  private let directory: StateDirectory

  init() throws {
    pod = TemporaryDirectory()
    directory = try StateDirectory(path: pod.path)
  }

  private func record(_ id: String, _ state: TaskRecord.State) throws -> TaskRecord {
    let json: JSONValue = ["id": .string(id), "type": "mark-ready"]
    let settings = try AgentSettings { AgentSettingsTests.usual[$0] }
    var record = TaskRecord(
      submission: try TaskSubmission(json: json, settings: settings), sequence: 1)
    record.state = state
    return record
  }

  @Test(
    "a record reads back as it was",
    arguments: [
      TaskRecord.State.running, .complete(outputs: JSONObject([("a", 1)])),
      .failed(TaskProblem(reason: "R", message: "m", isTransient: true)),
    ])
  func roundTrip(_ state: TaskRecord.State) throws {
    var record = try record("x", state)
    record.priorHash = "h"
    #expect(TaskRecord(stored: .object(record.stored)) == record)
  }

  @Test("a last line that a crash tore is cut off, and its effect counts as not logged")
  func tornLine() throws {
    let log = try EffectsLog(path: directory.effectsLog)
    try log.append(try record("whole", .complete(outputs: JSONObject())))
    let whole = try FileSystem.read(directory.effectsLog)
    for count in [1, 10, whole.count - 1] {
      try AtomicFile.write(whole + whole.prefix(count), to: directory.effectsLog)
      let reopened = try EffectsLog(path: directory.effectsLog)
      #expect(reopened.state(of: "whole") == .complete(outputs: JSONObject()))
      #expect(try FileSystem.read(directory.effectsLog) == whole)
    }
  }

  @Test("lines of forgotten tasks go once they are the greater part")
  func compaction() throws {
    let log = try EffectsLog(path: directory.effectsLog)
    for id in ["a", "b", "c"] { try log.append(try record(id, .complete(outputs: JSONObject()))) }
    try log.compact { $0 != "a" }
    #expect(log.state(of: "a") != nil)
    try log.compact { $0 == "c" }
    #expect(log.state(of: "a") == nil)
    let reopened = try EffectsLog(path: directory.effectsLog)
    #expect(reopened.state(of: "b") == nil)
    #expect(reopened.state(of: "c") != nil)
  }

  @Test(
    "what the agent did not write stops it, naming the file",
    arguments: [
      ("/tasks/x.json", "{}"), ("/tasks/x.json", "no json"), ("/effects.log", "hello\n"),
      ("/ready.json", "]"),
    ])
  func foreign(_ file: String, _ content: String) throws {
    try AtomicFile.write(content.utf8, to: pod.path + file)
    let error = #expect(throws: AgentError.self) {
      _ = try TaskBoard(directory: directory)
      _ = try EffectsLog(path: directory.effectsLog)
      _ = try Readiness(path: directory.readiness)
    }
    #expect(String(describing: error).contains(pod.path + file))
  }
}
