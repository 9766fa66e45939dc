import Devices
import GroupKeys
import JSON
import LinuxSystem
import PluginSDK
import TTRPC

/// The driver's connection to one device: up, or away and waiting for it without a poll.
///
/// A device that is gone shows by the end of the connection, one that hangs by a call that is not answered
/// in time; it is back when its socket appears anew, or when it answers the hello that waits for it.
///
/// - Isolation: an actor on the driver's loop.
actor DeviceLink {
  /// A device answers at once: it has nothing to do but to write its table.
  static let patience = Duration.seconds(10)

  private enum Connection {
    case away(String)
    case greeting(LineChannel)
    case up(LineChannel)
  }

  nonisolated let name: String
  private let path: String
  private let loop: EventLoop
  private let changed: @Sendable (TargetState) -> Void
  private var connection = Connection.away("has not been seen yet")
  private var isGone = false
  private var lastID: Int64 = 0
  private var waiting: [Int64: Waiting] = [:]

  /// A call that is under way.
  private struct Waiting {
    var continuation: CheckedContinuation<Result<JSONValue, DriverFailure>, Never>
    var timer: Task<Void, Never>
  }

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// - Parameter changed: told when the device became reachable or unreachable.
  init(
    _ name: String, path: String, loop: EventLoop,
    changed: @escaping @Sendable (TargetState) -> Void
  ) {
    self.name = name
    self.path = path
    self.loop = loop
    self.changed = changed
  }

  var target: TargetState {
    switch connection {
    case .up: TargetState(name)
    case .greeting: TargetState(name, isReachable: false, message: "does not answer yet")
    case .away(let why): TargetState(name, isReachable: false, message: why)
    }
  }

  /// The device's socket appeared: whatever connection there was belongs to the one before.
  func connect() {
    if isGone { return }
    let channel: LineChannel
    do throws(SystemError) {
      channel = LineChannel(try UnixSocket.connect(path), on: loop)
    } catch {
      leave(error.isNotFound ? "is cut off or not running" : "does not listen (\(error))")
      return
    }
    leave("was replaced")
    become(.greeting(channel))
    loop.spawn { await self.follow(channel) }
  }

  /// The device was taken away for good.
  func retire() {
    isGone = true
    leave("was removed")
  }

  /// Asks the device; one that is away is not waited for.
  ///
  /// - Throws: recoverable where the device is away or went away, then the change may have been made;
  ///   else by the device's own refusal.
  func ask(_ request: JSONValue) async throws(DriverFailure) -> JSONValue {
    guard case .up(let channel) = connection else { throw unreachable }
    lastID += 1
    let id = lastID
    var numbered = request.object ?? JSONObject()
    numbered["id"] = .integer(id)
    let message = JSONValue.object(numbered)
    let result = await withCheckedContinuation { continuation in
      let timer = loop.spawn { await self.expire(id) }
      waiting[id] = Waiting(continuation: continuation, timer: timer)
      loop.spawn { await self.send(message, on: channel) }
    }
    let answer = try result.get()
    guard let refused = answer["refused"] else { return answer }
    throw Self.failure(refused)
  }

  private var unreachable: DriverFailure {
    .recoverable("DeviceUnreachable", "device \(name) \(target.message)")
  }

  private static func failure(_ refused: JSONValue) -> DriverFailure {
    let reason = refused["reason"]?.string ?? ""
    let message = refused["message"]?.string ?? ""
    switch TableRefusal.Reason(rawValue: reason) {
    // What is needed, or needs it, may come and go.
    case .inUse, .missing: return .recoverable(reason, message)
    case .full, .invalid: return .final(reason, message)
    case nil: return .final("DeviceRefused", "\(reason): \(message)")
    }
  }

  private func send(_ message: JSONValue, on channel: LineChannel) async {
    do {
      try await channel.send(message)
    } catch {
      // Its reader sees the end, too, and fails whoever waits.
      channel.close()
    }
  }

  private func expire(_ id: Int64) async {
    guard (try? await loop.sleep(for: Self.patience)) != nil, waiting[id] != nil else { return }
    leave("did not answer within \(Self.patience)")
    connect()
  }

  /// Greets without a limit of time, then takes answers until the connection ends.
  private func follow(_ channel: LineChannel) async {
    do {
      try await channel.send(["op": "hello"])
      guard let hello = try await channel.next(), hello["state"] != nil else {
        throw TableFormatError("hung up on the driver's greeting")
      }
      guard isCurrent(channel) else { return }
      become(.up(channel))
      while let answer = try await channel.next() { take(answer) }
      throw TableFormatError("ended the connection")
    } catch {
      guard isCurrent(channel) else { return }
      leave("\(error)")
      // It may have come back before its end was seen.
      connectIfThere()
    }
  }

  private func connectIfThere() {
    if (try? FileSystem.status(path)) ?? nil != nil { connect() }
  }

  private func isCurrent(_ channel: LineChannel) -> Bool {
    switch connection {
    case .greeting(let current), .up(let current): current === channel
    case .away: false
    }
  }

  private func take(_ answer: JSONValue) {
    guard let id = answer["id"]?.integer, let call = waiting.removeValue(forKey: id) else { return }
    call.timer.cancel()
    call.continuation.resume(returning: .success(answer))
  }

  private func leave(_ why: String) {
    switch connection {
    case .greeting(let channel), .up(let channel): channel.close()
    case .away: break
    }
    become(.away(why))
    let failure = unreachable
    for call in waiting.values {
      call.timer.cancel()
      call.continuation.resume(returning: .failure(failure))
    }
    waiting = [:]
  }

  private func become(_ next: Connection) {
    let before = target
    connection = next
    if target.isReachable != before.isReachable { changed(target) }
  }
}
