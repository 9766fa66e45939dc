/// One rule of the protocol, and how a plugin is held against it.
///
/// The cases are data: the command line, Swift Testing and any other runner take them from `all`.
///
/// - Invariant: each case is failed by a plugin that breaks its rule, and no two cases by the same
///   set of broken plugins (guarded by `DefectMatrixTests`).
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// How binding the rule is.
  public enum Level: Sendable, Equatable, CustomStringConvertible {
    case must
    case should
    /// Binds those that declare the capability.
    case capability(String)

    /// "MUST", "SHOULD", "revert".
    public var description: String {
      switch self {
      case .must: "MUST"
      case .should: "SHOULD"
      case .capability(let name): name
      }
    }
  }

  /// Stable: "wire.coalesced".
  public let id: String
  public let level: Level
  /// One sentence: what goes wrong where the rule is broken.
  public let why: String
  /// The heading of proto/PROTOCOL.md that has the rule.
  public let section: String
  let needs: [Need]
  let body: @Sendable (CaseRun) async throws -> Void

  init(
    _ id: String, _ level: Level, _ section: String, needs: [Need] = [], why: String,
    _ body: @escaping @Sendable (CaseRun) async throws -> Void
  ) {
    self.id = id
    self.level = level
    self.section = section
    self.needs = needs
    self.why = why
    self.body = body
  }

  /// The case's id.
  public var description: String { id }

  /// Every case, in the order in which they run; ids are unique.
  public static let all: [ConformanceCase] =
    wireFraming + wireStreams + wirePeers + handshake + describe + validate + execute + updates
    + idempotency + cancel + deadline + recover + restart + revert + driver + concurrency + limits
    + logs + shutdown
}
