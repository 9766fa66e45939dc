import LinuxSystem
import Testing

@testable import PluginSDK

@Suite struct JournalTests {
  private let key = StepKey(taskID: "t1", attempt: 1, step: 1)
  private let other = StepKey(taskID: "aufgabe-ü", attempt: 2, step: 3)

  @Test("what was appended is found again after a restart")
  func reopened() async throws {
    try await withDirectory { directory in
      try await append(
        [.begun(key), .replied(key, reply: [1, 2]), .begun(other)], in: directory)
      let journal = try Journal(directory: directory)
      #expect(journal.find(key) == .entry(.replied([1, 2])))
      #expect(journal.find(other) == .entry(.begun))
      #expect(journal.find(StepKey(taskID: "t1", attempt: 1, step: 2)) == .nothing)
      await journal.close()
    }
  }

  @Test("an append that returned is in the file")
  func durable() async throws {
    try await withDirectory { directory in
      let journal = try Journal(directory: directory)
      try await journal.append(.begun(key))
      #expect(try records(in: directory) == [.begun(key)])
      try await journal.append(.withdrawn(key))
      #expect(try records(in: directory) == [.begun(key), .withdrawn(key)])
    }
  }

  @Test("what was never remembered is forgotten without a write, and what was with one")
  func forgettingNothing() async throws {
    try await withDirectory { directory in
      let journal = try Journal(directory: directory)
      try await journal.append(.begun(key))
      journal.forgetLater(["unknown", key.taskID])
      try await journal.append(.begun(other))
      #expect(
        try records(in: directory) == [.begun(key), .forgotten(taskID: key.taskID), .begun(other)])
      #expect(journal.find(key) == .nothing)
    }
  }

  @Test("appends from many tasks at once are all in the file, each task's own in order")
  func concurrent() async throws {
    try await withDirectory { directory in
      let journal = try Journal(directory: directory)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          let key = StepKey(taskID: "t\(number)", attempt: 1, step: 1)
          group.addTask {
            try await journal.append(.begun(key))
            try await journal.append(.replied(key, reply: [UInt8(number)]))
          }
        }
        try await group.waitForAll()
      }
      var begun: Set<String> = []
      let records = try records(in: directory)
      #expect(records.count == 400)
      for record in records {
        switch record {
        case .begun(let key): #expect(begun.insert(key.taskID).inserted)
        case .replied(let key, _): #expect(begun.contains(key.taskID))
        default: Issue.record("unexpected \(record)")
        }
      }
    }
  }

  @Test("cut at any byte, the journal opens with the records before the cut and takes new ones")
  func truncated() async throws {
    try await withDirectory { directory in
      let written: [JournalRecord] = [
        .begun(key), .replied(key, reply: [7, 8, 9]), .begun(other), .forgotten(taskID: "t1"),
        .replied(other, reply: []), .withdrawn(other),
      ]
      var bytes: [UInt8] = []
      var ends: [Int] = []
      for record in written {
        JournalCodec.append(record, to: &bytes)
        ends.append(bytes.count)
      }
      let path = directory + "/journal"
      for cut in 0...bytes.count {
        try AtomicFile.write(bytes[..<cut], to: path)
        let whole = ends.count { $0 <= cut }
        let opened = try JournalFile.open(path)
        #expect(opened.file.byteCount == (whole == 0 ? 0 : ends[whole - 1]))
        try opened.file.append(frames([.begun(key)]))
        opened.file.close()
        #expect(try records(in: directory) == Array(written[..<whole]) + [.begun(key)])
      }
    }
  }

  @Test("zeros that a crash left behind the last record are cut off")
  func zeroTail() async throws {
    try await withDirectory { directory in
      let bytes = frames([.begun(key)]) + [UInt8](repeating: 0, count: 100)
      try AtomicFile.write(bytes, to: directory + "/journal")
      let journal = try Journal(directory: directory)
      #expect(journal.find(key) == .entry(.begun))
      await journal.close()
      #expect(try records(in: directory) == [.begun(key)])
    }
  }

  @Test("a byte changed before the last record is damage, never a shorter journal")
  func damaged() async throws {
    try await withDirectory { directory in
      let first = frames([.begun(key)])
      let bytes = first + frames([.begun(other), .replied(other, reply: [1])])
      for index in first.indices {
        var changed = bytes
        changed[index] ^= 0x40
        try AtomicFile.write(changed, to: directory + "/journal")
        #expect(throws: JournalError.damaged(path: directory + "/journal", offset: 0)) {
          try Journal(directory: directory)
        }
      }
    }
  }

  @Test("a byte changed in the last record loses at most that record")
  func damagedTail() async throws {
    try await withDirectory { directory in
      let first = frames([.begun(key)])
      let bytes = first + frames([.begun(other)])
      for index in first.count..<bytes.count {
        var changed = bytes
        changed[index] ^= 0x40
        try AtomicFile.write(changed, to: directory + "/journal")
        guard let journal = try? Journal(directory: directory) else { continue }
        #expect(journal.find(key) == .entry(.begun))
        #expect(journal.find(other) == .nothing)
        await journal.close()
      }
    }
  }

  @Test("dead records are compacted away, live ones stay")
  func compacted() async throws {
    try await withDirectory { directory in
      let limit = 4096
      do {
        let journal = try Journal(directory: directory, compactedBytesMin: limit)
        try await journal.append(.replied(other, reply: [5]))
        for number in 0..<500 {
          let key = StepKey(taskID: "t\(number)", attempt: 1, step: 1)
          try await journal.append(.replied(key, reply: [UInt8](repeating: 1, count: 100)))
          try await journal.append(.forgotten(taskID: key.taskID))
          let size = try #require(try FileSystem.status(directory + "/journal")).size
          #expect(size < limit + 300)
        }
        try await journal.append(.begun(key))
        await journal.close()
      }
      let journal = try Journal(directory: directory)
      #expect(journal.find(other) == .entry(.replied([5])))
      #expect(journal.find(key) == .entry(.begun))
      #expect(journal.find(StepKey(taskID: "t3", attempt: 1, step: 1)) == .nothing)
    }
  }

  @Test("a full journal takes no new step until some task is forgotten")
  func full() async throws {
    try await withDirectory { directory in
      let journal = try Journal(directory: directory, liveBytesMax: 100)
      try await journal.append(.replied(key, reply: [UInt8](repeating: 1, count: 100)))
      await #expect(throws: JournalError.full(limit: 100)) {
        try await journal.append(.begun(other))
      }
      // How a step ended is never refused.
      try await journal.append(.replied(key, reply: [2]))
      try await journal.append(.forgotten(taskID: key.taskID))
      try await journal.append(.begun(other))
      #expect(journal.find(other) == .entry(.begun))
    }
  }

  @Test("a second process is refused until the first closes the journal")
  func locked() async throws {
    try await withDirectory { directory in
      let journal = try Journal(directory: directory)
      #expect(throws: JournalError.inUse(path: directory + "/journal")) {
        try Journal(directory: directory)
      }
      try await journal.append(.begun(key))
      await journal.close()
      await #expect(throws: JournalError.closed) { try await journal.append(.begun(other)) }
      let next = try Journal(directory: directory)
      #expect(next.find(key) == .entry(.begun))
    }
  }

  private func append(_ records: [JournalRecord], in directory: String) async throws {
    let journal = try Journal(directory: directory)
    for record in records { try await journal.append(record) }
    await journal.close()
  }
}

@Suite struct JournalIndexTests {
  private func key(_ attempt: UInt32, _ step: UInt32 = 1) -> StepKey {
    StepKey(taskID: "t", attempt: attempt, step: step)
  }

  @Test("an attempt overtakes those before it and hides nothing of its own steps")
  func attempts() {
    var index = JournalIndex()
    index.apply(.replied(key(1), reply: [1]))
    index.apply(.begun(key(2, 1)))
    index.apply(.replied(key(2, 1), reply: [2]))
    index.apply(.begun(key(2, 2)))
    #expect(index.find(key(1)) == .overtaken(by: 2))
    #expect(index.find(key(2, 1)) == .entry(.replied([2])))
    #expect(index.find(key(2, 2)) == .entry(.begun))
    #expect(index.find(key(3)) == .nothing)
    // News of an overtaken attempt changes nothing.
    index.apply(.replied(key(1), reply: [9]))
    #expect(index.find(key(2, 2)) == .entry(.begun))
  }

  @Test("a withdrawn step never began")
  func withdrawn() {
    var index = JournalIndex()
    index.apply(.begun(key(1)))
    index.apply(.withdrawn(key(1)))
    #expect(index.find(key(1)) == .nothing)
    #expect(index.isEmpty)
    #expect(index.liveBytes == 0)
  }

  @Test("its records say the same again, and forgetting all leaves nothing")
  func records() {
    var index = JournalIndex()
    for number in 1...5 as ClosedRange<UInt32> {
      index.apply(.begun(StepKey(taskID: "a\(number)", attempt: number, step: 1)))
      index.apply(.replied(StepKey(taskID: "b", attempt: 3, step: number), reply: [1, 2]))
    }
    var again = JournalIndex()
    for record in index.records { again.apply(record) }
    #expect(again.liveBytes == index.liveBytes)
    #expect(again.find(StepKey(taskID: "b", attempt: 3, step: 5)) == .entry(.replied([1, 2])))
    for taskID in ["a1", "a2", "a3", "a4", "a5", "b"] { again.apply(.forgotten(taskID: taskID)) }
    #expect(again.isEmpty)
    #expect(again.liveBytes == 0)
  }
}

/// A fresh directory that is gone afterwards.
func withDirectory(_ body: (String) async throws -> Void) async throws {
  let path = "/tmp/mortise-sdk-\(UInt64.random(in: .min ... .max))"
  try FileSystem.makeDirectories(path)
  do {
    try await body(path)
  } catch {
    try FileSystem.removeTree(path)
    throw error
  }
  try FileSystem.removeTree(path)
}

func frames(_ records: [JournalRecord]) -> [UInt8] {
  var bytes: [UInt8] = []
  for record in records { JournalCodec.append(record, to: &bytes) }
  return bytes
}

/// What a journal's file says, read past its lock.
func records(in directory: String) throws -> [JournalRecord] {
  let bytes = try FileSystem.read(directory + "/journal")
  var records: [JournalRecord] = []
  var offset = 0
  while offset < bytes.count {
    guard case .record(let record, let end) = JournalCodec.frame(in: bytes, at: offset) else {
      Issue.record("no whole record at byte \(offset)")
      break
    }
    records.append(record)
    offset = end
  }
  return records
}
