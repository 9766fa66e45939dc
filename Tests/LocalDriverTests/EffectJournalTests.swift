import JSON
import LinuxSystem
import TestPlaces
import Testing

@testable import LocalDriver

@Suite("The effect journal")
struct EffectJournalTests {
  let directory = TemporaryDirectory()
  let effect = Effect(.volumeCreated, kind: "PersistentVolumeClaim", key: "a/b", id: "1")

  func journal() throws -> EffectJournal {
    try EffectJournal(
      directory: directory.path, failpoint: Failpoint(armed: nil, directory: directory.path))
  }

  func logged() throws -> [Effect] {
    try AppendFile(path: "\(directory.path)/effects.log").lines(from: 0).compactMap { Effect($0) }
  }

  @Test("an effect that was done is logged once and nothing stays open")
  func done() throws {
    let journal = try journal()
    #expect(try journal.perform(effect) { 7 } == 7)
    #expect(try logged() == [effect])
    #expect(try self.journal().open.isEmpty)
  }

  @Test("an effect that failed is not logged")
  func failed() throws {
    struct Refused: Error {}
    let journal = try journal()
    #expect(throws: Refused.self) { try journal.perform(effect) { throw Refused() } }
    #expect(try logged().isEmpty)
    #expect(try self.journal().open.isEmpty)
  }

  /// The driver dies at each moment of an effect; what the next one finds.
  @Test(
    "whenever the driver dies, an effect that happened is logged exactly once",
    arguments: [
      (isDone: false, isLogged: false), (isDone: true, isLogged: false),
      (isDone: true, isLogged: true),
    ])
  func death(_ isDone: Bool, _ isLogged: Bool) throws {
    do {
      let journal = try journal()
      try journal.begin(effect)
      if isLogged {
        try AppendFile(path: "\(directory.path)/effects.log").append(effect.document)
      }
    }
    let next = try journal()
    #expect(next.open.keys.contains(effect))
    let undone = try next.settle { _ in isDone }
    #expect(undone == (isDone ? [] : [effect]))
    #expect(try logged() == (isDone ? [effect] : []))
    #expect(try journal().open.isEmpty)
  }

  @Test(
    "the same effect that was logged before the entry was begun doesn't count as this one's line")
  func olderLine() throws {
    let journal = try journal()
    try journal.perform(effect) {}
    try journal.begin(effect)
    _ = try self.journal().settle { _ in true }
    #expect(try logged() == [effect, effect])
  }

  @Test("a torn last line is cut off and the journal goes on")
  func tornLine() throws {
    try journal().begin(effect)
    for cut in 1..<20 {
      let bytes = try FileSystem.read("\(directory.path)/journal")
      try AtomicFile.write(
        bytes + Array("{\"begin\":{\"effect\":".utf8.prefix(cut)), to: "\(directory.path)/journal")
      #expect(try Set(journal().open.keys) == [effect])
    }
  }

  @Test("a journal that grew is emptied when nothing is open")
  func compaction() throws {
    let journal = try journal()
    for number in 0..<600 {
      try journal.perform(Effect(.podCreated, kind: "StatefulSet", key: "a/b", id: "\(number)")) {}
    }
    let size = try #require(try FileSystem.status("\(directory.path)/journal")).size
    #expect(size < Int64(EffectJournal.compactionBytes) + 1024)
    #expect(try logged().count == 600)
  }
}
