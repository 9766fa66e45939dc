internal import Model
internal import Synchronization

/// The blueprints in force, by the kind that they teach.
///
/// - Isolation: any; a reader sees the blueprint before or after a change, never half of one.
final class BlueprintCatalog: Sendable {
  private let blueprints = Mutex<[String: Blueprint]>([:])

  func blueprint(ofKind kind: String) -> Blueprint? {
    blueprints.withLock { $0[kind] }
  }

  /// The kind as it is spelled, for what a person typed: any case, singular or plural.
  func kind(named text: String) -> String? {
    let wanted = text.lowercased()
    return blueprints.withLock { blueprints in
      blueprints.values.first {
        $0.resourceKind.lowercased() == wanted || $0.plural.lowercased() == wanted
      }?.resourceKind
    }
  }

  var kinds: [String] {
    blueprints.withLock { $0.keys.sorted() }
  }

  func set(_ blueprint: Blueprint) {
    blueprints.withLock { $0[blueprint.resourceKind] = blueprint }
  }

  func remove(kind: String) {
    blueprints.withLock { $0[kind] = nil }
  }
}
