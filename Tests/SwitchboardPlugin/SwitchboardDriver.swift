import JSON
import LinuxSystem
import PluginSDK
import SwitchboardDefects
import Synchronization

/// Holds intents in a file.
final class SwitchboardDriver: Driver {
  private let defect: Defect?
  private let held = Mutex<[String: JSONValue]>([:])
  private let path = Mutex("")

  init(_ defect: Defect?) { self.defect = defect }

  let kinds = [
    PluginSDK.IntentKindDescription("Flag", band: 1),
    PluginSDK.IntentKindDescription("Label", band: 2),
  ]

  func start(_ context: DriverContext) async throws {
    let file = context.stateDirectory + "/intents"
    path.withLock { $0 = file }
    guard defect != .driverForgetsAtRestart, try FileSystem.status(file) != nil else { return }
    let object = try JSONValue(parsing: FileSystem.read(file)).object
    held.withLock { held in
      for (key, spec) in object?.members ?? [] { held[key] = spec }
    }
  }

  func targets() async -> [TargetState] { [TargetState("here")] }

  func apply(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    try keep { $0[intent.key.description] = intent.spec }
    return ["spec": intent.spec]
  }

  func remove(_ intent: Intent) async throws(DriverFailure) -> JSONValue {
    try keep { $0[intent.key.description] = nil }
    return [:]
  }

  func verify(
    target: String, _ intents: [Intent]
  ) async throws(DriverFailure) -> [Verification] {
    let held = held.withLock { $0 }
    return intents.map { intent in
      switch held[intent.key.description] {
      case intent.spec: Verification(.matches, observed: ["spec": intent.spec])
      case .some: Verification(.drifted)
      case nil: Verification(.absent)
      }
    }
  }

  private func keep(_ change: (inout [String: JSONValue]) -> Void) throws(DriverFailure) {
    let all = held.withLock { held in
      change(&held)
      return held
    }
    let object = JSONObject(all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    do throws(SystemError) {
      try AtomicFile.write(JSONValue.object(object).serialized(), to: path.withLock { $0 })
    } catch {
      throw .recoverable("NotWritten", error.description)
    }
  }
}
