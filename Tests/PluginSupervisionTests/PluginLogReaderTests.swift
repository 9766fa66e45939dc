import LinuxSystem
import SeededRandom
import TestPlaces
import Testing

@testable import PluginSupervision

@Suite("A plugin's log is read while it is written and renamed")
struct PluginLogReaderTests {
  @Test(
    "whatever is read when, no line that is kept is missed or comes twice", arguments: UInt64(0)..<8
  )
  func races(seed: UInt64) throws {
    let directory = TemporaryDirectory()
    var random = SplitMix64(seed: seed)
    let path = "\(directory.path)/a.log"
    var log = PluginLogFile(path: path, fileBytesMax: 400)
    var reader = try PluginLogReader(path: path, isFollowed: true)
    let nothing = try reader.next()
    #expect(nothing == nil)
    var written = 0
    var read: [Int] = []
    // A file holds 40 lines: between two reads there is never more than one that was renamed.
    for _ in 0..<100 {
      let count = Int(random.next() % 30)
      try log.append((written..<(written + count)).map { "line \(1000 + $0)" })
      written += count
      while random.next() % 4 != 0, let lines = try reader.next() {
        read += String(decoding: lines, as: UTF8.self).split(separator: "\n")
          .compactMap { Int($0.dropFirst(5)).map { $0 - 1000 } }
      }
      if written - read.count > 30 {
        while let lines = try reader.next() {
          read += String(decoding: lines, as: UTF8.self).split(separator: "\n")
            .compactMap { Int($0.dropFirst(5)).map { $0 - 1000 } }
        }
      }
    }
    while let lines = try reader.next() {
      read += String(decoding: lines, as: UTF8.self).split(separator: "\n")
        .compactMap { Int($0.dropFirst(5)).map { $0 - 1000 } }
    }
    #expect(read == Array(0..<written), "seed \(seed)")
  }

  @Test("who comes late begins with the oldest line that is kept")
  func late() throws {
    let directory = TemporaryDirectory()
    let path = "\(directory.path)/a.log"
    var log = PluginLogFile(path: path, fileBytesMax: 10)
    for line in ["first", "second", "third"] { try log.append([line]) }
    var reader = try PluginLogReader(path: path, isFollowed: false)
    let lines = [try reader.next(), try reader.next(), try reader.next()]
    #expect(lines == [Array("second\n".utf8), Array("third\n".utf8), nil])
  }
}
