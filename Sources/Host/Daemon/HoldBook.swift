internal import Model
internal import PluginSupervision
internal import Synchronization

/// The operators' holds in force: read by every pass, changed by the host's API.
///
/// - Isolation: any; what is in force is in the store before it is here.
final class HoldBook: Sendable {
  private let environment: EngineEnvironment
  private let holds = Mutex<[ObjectKey: Hold]>([:])

  init(environment: EngineEnvironment) {
    self.environment = environment
  }

  /// What earlier hosts were told. Called once, before the first pass.
  func load() async throws {
    for object in try await environment.store.list(ObjectFilter(kind: Hold.kind)).objects {
      let hold = try Hold(object)
      holds.withLock { $0[hold.objectKey] = hold }
    }
  }

  var all: [Hold] {
    holds.withLock { $0.values.sorted { $0.objectKey.name < $1.objectKey.name } }
  }

  /// Puts a hold in force; one about the same is there once.
  func set(_ hold: Hold) async throws(StoreError) {
    var hold = hold
    do throws(StoreError) {
      hold.version = try await environment.store.create(hold.stored)
    } catch {
      guard case .alreadyExists = error else { throw error }
      return
    }
    holds.withLock { $0[hold.objectKey] = hold }
  }

  /// Lifts a hold.
  ///
  /// - Returns: false where there is none.
  func lift(_ key: ObjectKey) async throws(StoreError) -> Bool {
    guard let hold = holds.withLock({ $0[key] }) else { return false }
    try await environment.store.delete(key, version: hold.version)
    holds.withLock { $0[key] = nil }
    return true
  }

  /// Why a task is held, for people; nil = it is not.
  func reason(_ task: PlannedTask, of resource: ObjectKey, provider: String) -> String? {
    let found = holds.withLock { holds in
      holds.isEmpty
        ? nil
        : holds.values.filter { $0.parks(task, of: resource, provider: provider) }
          .min { $0.objectKey.name < $1.objectKey.name }
    }
    guard let found else { return nil }
    let note = found.note.isEmpty ? "" : " (\(found.note))"
    return
      "held by an operator since \(found.since)\(note); mortise unpark \(found.words) lets it go on"
  }

  /// What is ordered of plugins, for the supervisor.
  var ofPlugins: [String: PluginHold] {
    holds.withLock { holds in
      var orders: [String: PluginHold] = [:]
      for hold in holds.values where hold.scope == .plugin {
        switch hold.action {
        case .drain where orders[hold.subject] == nil: orders[hold.subject] = .draining
        case .disable: orders[hold.subject] = .disabled
        case .drain, .park, .attach: break
        }
      }
      return orders
    }
  }
}

extension HoldBook {
  /// Sockets that operators attached.
  var sockets: [String] { all.filter { $0.action == .attach }.map(\.subject) }
}

extension Hold {
  /// As the command line takes it.
  var words: String {
    switch scope {
    case .all: "all"
    case .plugin: "plugin \(subject)"
    case .taskType: "task-type \(subject)"
    case .task: "task \(subject)"
    }
  }
}
