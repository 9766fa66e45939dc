internal import CLinux

/// A one-way channel between descriptors, both ends closed over exec.
public struct Pipe: Sendable {
  /// Where the bytes come out; its end is reached when no write end is open.
  public let readEnd: Descriptor
  /// Where the bytes go in.
  public let writeEnd: Descriptor

  /// Blocking ends; the side that lives on an event loop calls `setNonblocking` on its own.
  public init() throws(SystemError) {
    var numbers: [Int32] = [-1, -1]
    try systemCall("pipe2") { clinux_pipe(&numbers) }
    readEnd = Descriptor(owning: numbers[0])
    writeEnd = Descriptor(owning: numbers[1])
  }
}
