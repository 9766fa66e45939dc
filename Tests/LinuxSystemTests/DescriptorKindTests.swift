import Glibc
import TestPlaces
import Testing

@testable import LinuxSystem

@Suite("sockets, signals and watches")
struct DescriptorKindTests {
  @Test("a Unix socket is made private, and tells who connected")
  func unixSocket() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/socket"
    let listener = try UnixSocket.listen(path)
    #expect(try FileSystem.status(path)?.kind == .socket)
    #expect(try FileSystem.status(path)?.mode == 0o600)
    #expect(try UnixSocket.accept(listener) == nil)
    let client = try UnixSocket.connect(path)
    let accepted = try #require(try UnixSocket.accept(listener))
    let me = PeerCredentials(pid: getpid(), uid: geteuid(), gid: getegid())
    #expect(try UnixSocket.peerCredentials(accepted) == me)
    #expect(try UnixSocket.peerCredentials(client) == me)
  }

  @Test("a socket path that is too long is refused before it is cut short")
  func longPath() throws {
    let directory = TemporaryDirectory()
    let room = UnixSocket.pathBytesMax - directory.path.utf8.count - 1
    let longest = directory.path + "/" + String(repeating: "x", count: room)
    _ = try UnixSocket.listen(longest)
    #expect(throws: SystemError(code: ENAMETOOLONG, call: "bind", subject: longest + "x")) {
      try UnixSocket.listen(longest + "x")
    }
  }

  @Test("a write to a peer that is gone is an error, not a signal")
  func brokenPipe() throws {
    let (left, right) = try UnixSocket.pair()
    right.close()
    #expect(throws: SystemError(code: EPIPE, call: "send")) {
      try [UInt8](repeating: 0, count: 1).withUnsafeBytes { bytes in
        _ = try left.sendAvailable(bytes)
      }
    }
  }

  @Test("signals are read in the order of their numbers")
  func signals() throws {
    let signals = try SignalFD([realTimeSignal, realTimeSignal + 1])
    #expect(try signals.next() == nil)
    pthread_kill(pthread_self(), realTimeSignal + 1)
    pthread_kill(pthread_self(), realTimeSignal)
    #expect(try signals.next() == realTimeSignal)
    #expect(try signals.next() == realTimeSignal + 1)
    #expect(try signals.next() == nil)
  }

  @Test("a watch tells what came, changed and went in a directory")
  func inotify() throws {
    let directory = TemporaryDirectory()
    let inotify = try Inotify()
    let watch = try inotify.watch(directory.path, for: .entries)
    #expect(try inotify.events().isEmpty)
    let file = try Descriptor.open(directory.path + "/a", O_WRONLY | O_CREAT)
    try file.writeAll([1])
    file.close()
    try FileSystem.rename(directory.path + "/a", to: directory.path + "/long-name")
    try FileSystem.remove(directory.path + "/long-name")
    let expected: [(Inotify.Changes, String)] = [
      (.created, "a"), (.closedAfterWrite, "a"), (.movedFrom, "a"), (.movedTo, "long-name"),
      (.deleted, "long-name"),
    ]
    let events = try inotify.events()
    #expect(
      events == expected.map { Inotify.Event(watch: watch, changes: $0.0, name: $0.1) })
  }

  @Test("an event descriptor is readable from notify to clear")
  func eventFD() throws {
    let event = try EventFD()
    func isReadable() -> Bool {
      var entry = pollfd(fd: event.descriptor.number, events: Int16(POLLIN), revents: 0)
      return poll(&entry, 1, 0) == 1
    }
    #expect(!isReadable())
    event.notify()
    event.notify()
    #expect(isReadable())
    event.clear()
    #expect(!isReadable())
  }
}

/// A real-time signal that neither the C library nor the test runner uses.
private let realTimeSignal: Int32 = 50

@Suite("monotonic time")
struct MonotonicTimeTests {
  @Test("never overflows, however long the duration")
  func saturation() {
    let now = MonotonicTime(nanoseconds: 10)
    #expect((now + .seconds(1)).nanoseconds == 1_000_000_010)
    #expect((now + .seconds(-1)).nanoseconds == 10)
    #expect((now + .seconds(Int64.max)).nanoseconds == .max)
    #expect((MonotonicTime(nanoseconds: .max) + .nanoseconds(1)).nanoseconds == .max)
    #expect(now.duration(since: now + .seconds(1)) == .zero)
    #expect((now + .milliseconds(5)).duration(since: now) == .milliseconds(5))
  }
}
