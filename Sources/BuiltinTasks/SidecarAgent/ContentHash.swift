/// Names the content of a file, to see whether it is the one that was validated or written.
///
/// FNV-1a over 64 bits: it guards against mix-ups, not against forgers, and needs no library.
struct ContentHash: Sendable, Equatable {
  let text: String

  init(_ content: [UInt8]) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in content { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    text = String(repeating: "0", count: 16 - digits.count) + digits
  }
}
