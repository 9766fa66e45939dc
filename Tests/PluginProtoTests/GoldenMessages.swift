import LinuxSystem
import PluginProto
import Testing

/// A line of `proto/golden/messages.txt`: what protobuf's own runtime encodes.
struct GoldenMessage: CustomTestStringConvertible {
  let name: String
  let variant: String
  let bytes: [UInt8]

  var testDescription: String { "\(name) \(variant)" }

  static let all: [GoldenMessage] = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let text = try! FileSystem.read("/\(root)/proto/golden/messages.txt")
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
      let parts = line.split(separator: " ").map(String.init)
      return GoldenMessage(name: parts[0], variant: parts[1], bytes: bytes(hex: parts[2]))
    }
  }()

  private static func bytes(hex: String) -> [UInt8] {
    if hex == "-" { return [] }
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)!
    }
  }
}
