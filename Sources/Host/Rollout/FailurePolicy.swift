/// What a child's failure means for its siblings: the text that was in force when its turn began.
///
/// Any text can stand in a stored record, by a newer host or by somebody's hand. Only the exact word
/// `continue` lets the others go on (guarded by `ProjectionTests`).
public struct FailurePolicy: Sendable, Equatable {
  public var text: String

  public init(_ text: String) {
    self.text = text
  }

  /// The attempt ends; another one is asked for by retry.
  public static let halt = FailurePolicy("halt")
  /// The attempt ends; another one is asked for by resume.
  public static let pause = FailurePolicy("pause")
  /// The others go on; the attempt ends when all have.
  public static let `continue` = FailurePolicy("continue")

  public var isContinuable: Bool { text == "continue" }
}
