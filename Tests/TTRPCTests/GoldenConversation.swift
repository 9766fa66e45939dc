import LinuxSystem

@testable import TTRPC

/// A file of `proto/golden/*.hex`: the frames of a conversation, byte by byte.
struct GoldenConversation {
  enum Sender: Character {
    case client = ">"
    case server = "<"
  }

  private(set) var frames: [(sender: Sender, bytes: [UInt8])] = []

  /// All bytes of one side.
  func bytes(of sender: Sender) -> [UInt8] {
    frames.filter { $0.sender == sender }.flatMap(\.bytes)
  }

  init(_ name: String) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try FileSystem.read("/\(root)/proto/golden/\(name).hex")
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      if let sender = line.first.flatMap(Sender.init) {
        frames.append((sender, []))
        continue
      }
      for digits in line.prefix(while: { $0 != "#" }).split(separator: " ") {
        frames[frames.count - 1].bytes.append(UInt8(digits, radix: 16)!)
      }
    }
  }
}
