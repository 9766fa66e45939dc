public import JSON

/// The plugin that is tested: where it is, and what is known of it beyond what Describe says.
public struct ConformanceSubject: Sendable {
  /// How the plugin is reached.
  public enum Place: Sendable, Equatable {
    /// A program that the kit starts as a host does, as often as cases need.
    case program(path: String, arguments: [String])
    /// A socket that somebody listens at: cases that start or end processes are skipped.
    case socket(String)
  }

  public var place: Place
  /// Nil = the folder of the program.
  public var workingDirectory: String?
  /// All that the process is given beside what ties it to a host.
  public var environment: [String: String]
  /// What plugin.yaml says the plugin is called; nil where there is none.
  public var name: String?
  /// What plugin.yaml says its version is; nil where there is none.
  public var version: String?
  /// What Configure hands over.
  public var config: JSONValue
  /// Params to try the task types with, and how to see what they did.
  public var samples: Samples

  public init(
    _ place: Place, workingDirectory: String? = nil, environment: [String: String] = [:],
    name: String? = nil, version: String? = nil, config: JSONValue = [:],
    samples: Samples = Samples()
  ) {
    self.place = place
    self.workingDirectory = workingDirectory
    self.environment = environment
    self.name = name
    self.version = version
    self.config = config
    self.samples = samples
  }
}
