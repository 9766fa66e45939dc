import DeviceDriver
import Devices
import GroupKeys
import JSON
import PluginSDK
import Synchronization
import TTRPC
import Testing

/// The real driver in this process, with what it pushes.
final class TestDriver: Sendable {
  let driver = DeviceDriver()
  private let fleet: TestFleet
  private let loop: EventLoop
  private let pushed = Mutex<[TargetState]>([])
  private let news: AsyncStream<Void>
  private let tell: AsyncStream<Void>.Continuation

  init(_ fleet: TestFleet) async throws {
    self.fleet = fleet
    loop = try EventLoop.startThread("device driver")
    (news, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    let context = DriverContext(
      updates: DriverUpdates { [weak self] state, _ in self?.take(state) },
      config: ["fleet": .string(fleet.place.root)], stateDirectory: "\(fleet.root)/state",
      loop: loop, log: PluginLog { _ in })
    try await driver.start(context)
  }

  deinit { loop.stop() }

  private func take(_ state: TargetState) {
    pushed.withLock { $0.append(state) }
    tell.yield()
  }

  func until(_ name: String, isReachable: Bool) async throws {
    try await until("\(name) reachable: \(isReachable)", name) { $0.isReachable == isReachable }
  }

  func untilRemoved(_ name: String) async throws {
    try await until("\(name) removed", name) { $0.isRemoved }
  }

  /// Waits for a push, not for time, until the target's last one says so.
  private func until(
    _ what: String, _ name: String, _ isMet: @escaping @Sendable (TargetState) -> Bool
  ) async throws {
    try await fleet.within(what) { [self] in
      func isMetNow() -> Bool {
        pushed.withLock { $0.last { $0.name == name }.map(isMet) ?? false }
      }
      if isMetNow() { return }
      for await _ in news where isMetNow() { return }
    }
  }

  func keySet(_ device: String, _ keys: KeySet) -> Intent {
    Intent(
      IntentKey(GroupKind.keySet, "home", target: device), spec: KeySetSpec(keys).json)
  }

  func keyMap(_ device: String) -> Intent {
    Intent(
      IntentKey(GroupKind.keyMap, "kitchen", target: device),
      spec: KeyMapSpec(keySet: "home").json)
  }

  func membership(_ device: String, _ endpoint: Int = 1) -> Intent {
    Intent(
      IntentKey(GroupKind.membership, "kitchen/\(endpoint)", target: device),
      spec: DeviceTable.Member("kitchen", endpoint: endpoint).json)
  }
}
