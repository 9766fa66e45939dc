/// The version that host, plugins and command line of one build share.
public enum HostVersion {
  public static let current = "0.1.0"
}
