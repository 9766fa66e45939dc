import ConformanceKit
import Glibc
import LinuxSystem
import PluginSDK
import SwitchboardDefects
import Synchronization
import TTRPC

/// Accepts connections and passes their frames on to a plugin that obeys the rules, breaking one on
/// the way.
final class Switchboard: Sendable {
  /// More than the kit's allowance after as many tasks as a quick run executes.
  private static let leakedBytes = 2 << 20

  private let defect: Defect?
  private let served: ServedPlugin
  private let listener: Descriptor
  private let memory = Mutex(BoardMemory())
  private let openCount = Mutex(0)
  private let leakedDescriptors = Mutex<[Descriptor]>([])
  private let leakedMemory = Mutex<[[UInt8]]>([])

  init(_ defect: Defect?, _ served: ServedPlugin, on listener: Descriptor) {
    self.defect = defect
    self.served = served
    self.listener = listener
  }

  func begin() throws {
    let loop = served.loop
    loop.spawn { [self] in
      var number = 0
      while (try? await loop.waitReadable(listener.number)) != nil {
        while let descriptor = try? UnixSocket.accept(listener) {
          number += 1
          accept(descriptor, number, loop)
        }
      }
    }
  }

  private func accept(_ descriptor: Descriptor, _ number: Int, _ loop: EventLoop) {
    guard let peer = try? UnixSocket.peerCredentials(descriptor),
      defect == .servesEveryUser || Server.isSameUserOrRoot(peer)
    else { return }
    if defect == .takesTwelveConnections, openCount.withLock({ $0 >= 12 }) { return }
    if defect == .leaksConnections { leak() }
    guard let (end, inner) = try? UnixSocket.pair(),
      let host = try? WireConnection(descriptor, on: loop),
      let plugin = try? WireConnection(end, on: loop)
    else { return }
    served.server.serve(connection: inner)
    openCount.withLock { $0 += 1 }
    let patch = Patch(defect, number, host: host, plugin: plugin, board: self)
    loop.spawn { [self] in
      await patch.passRequests()
      openCount.withLock { $0 -= 1 }
    }
    loop.spawn { await patch.passReplies() }
  }

  /// Takes something of the machine and never gives it back.
  func leak() {
    switch defect {
    case .leaksMemory:
      leakedMemory.withLock { $0.append([UInt8](repeating: 1, count: Self.leakedBytes)) }
    case .leaksThreads:
      var thread = pthread_t()
      pthread_create(&thread, nil, { _ in while true { pause() } }, nil)
    default:
      guard let descriptor = try? Descriptor.open("/dev/null", O_RDONLY) else { return }
      leakedDescriptors.withLock { $0.append(descriptor) }
    }
  }

  var loop: EventLoop { served.loop }

  /// What connections know of one another.
  func remember<Result: Sendable>(_ body: (inout BoardMemory) -> Result) -> Result {
    memory.withLock { body(&$0) }
  }
}

/// What the defects need to know of what has gone by.
struct BoardMemory: Sendable {
  /// A task by id and attempt.
  struct Work: Sendable {
    var type: String
    var connection: Int
    var params: [UInt8]
    var calls = 1
    var inFlight = 0
    var cancels = 0
    var isLate = false
    var hasEnded = false
  }

  var work: [String: Work] = [:]
  var highestAttempt: [String: UInt32] = [:]
  var highestEpoch: UInt64 = 0
  var isGreeted = false
  var describes = 0
  var cursors: Set<UInt64> = []
  var forgotten: Set<String> = []
  var applied: Set<String> = []
  var hasOldState = false
  var isShuttingDown = false
  var plans = 0

  var slowRunning: Int { work.values.count { $0.type == "slow" && !$0.hasEnded } }
  var notesInFlight: Int { work.values.count { $0.type == "note" && $0.inFlight > 0 } }

  static func key(_ id: String, _ attempt: UInt32) -> String { "\(id)/\(attempt)" }
}
