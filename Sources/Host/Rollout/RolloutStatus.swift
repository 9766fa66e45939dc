public import Model

/// What became of a NodeDeployment, in its status beside what every resource has.
public struct RolloutStatus: Sendable, Equatable {
  /// The attempt that goes on, or the last one; nil before the first.
  public var attempt: AttemptStatus?
  /// Templates, the one in force first, then by when they were so last.
  public var revisions: [RevisionRecord]
  /// Attempts that ended, the newest first, one entry an attempt.
  public var attempts: [AttemptRecord]
  /// The highest number that a revision was given.
  public var lastRevision: Int64
  /// Attempts that ended, by state: a counter for whoever measures, raised once an attempt.
  public var totals: [RolloutState: Int64]

  /// Of templates and of attempts.
  public static let historyLimit = 10
  /// Of templates: an object has room for this much, for a spec as large, and for what else there is.
  public static let historyBytes = 1 << 20

  public init() {
    revisions = []
    attempts = []
    lastRevision = 0
    totals = [:]
  }

  /// The template of that revision; nil where it is no longer kept.
  public func template(_ revision: Int64) -> RolloutSpec.Template? {
    revisions.first { $0.number == revision }?.template
  }
}

/// A template that was in force.
public struct RevisionRecord: Sendable, Equatable {
  public var number: Int64
  public var template: RolloutSpec.Template
  public var appliedAt: Timestamp
}

/// One attempt to bring all children to a revision.
public struct AttemptStatus: Sendable, Equatable {
  /// Rises with each; what the children's records name.
  public var number: Int64
  public var revision: Int64
  public var replicas: Int
  /// As it was when the attempt began.
  public var onFailure: FailurePolicy
  public var state: RolloutState
  /// A failure is there, and others go on.
  public var isHeld: Bool
  public var startedAt: Timestamp
  /// Set while the state is terminal.
  public var completedAt: Timestamp?
  /// Why it ended, or what is degraded; empty = nothing to say.
  public var detail: String
  /// Whether a person let the children behind the canaries go.
  public var isPromoted: Bool
  /// Whether an end of it was told already: it went on after that.
  public var isAnnounced: Bool
}

/// How an attempt ended.
public struct AttemptRecord: Sendable, Equatable {
  public var number: Int64
  public var revision: Int64
  public var state: RolloutState
  public var onFailure: FailurePolicy
  public var startedAt: Timestamp
  public var completedAt: Timestamp
  public var complete: Int
  public var failed: Int
  public var replicas: Int
  public var detail: String
  /// Whether the end was told: effects that must be made once hang on it.
  public var isAnnounced: Bool
}
