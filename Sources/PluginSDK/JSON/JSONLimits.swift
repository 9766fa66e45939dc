/// What a JSON document may be at most; beyond it parsing is refused.
public enum JSONLimits {
  /// Arrays and objects inside one another.
  public static let depth = 64
  /// Size of a document where the caller states no limit of its own: four full frames.
  public static let documentBytes = 16 << 20
}
