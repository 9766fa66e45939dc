public import JSON

/// What a plugin.yaml says, checked: which executable a plugin is, how it is run and what it may do.
public struct PluginManifest: Sendable, Equatable {
  /// Name of the manifest in a plugin's folder.
  public static let fileName = "plugin.yaml"

  /// A lower-case DNS label; the folder is named by it.
  public var name: String
  /// Semantic version; Describe must answer the same.
  public var version: String
  /// The folder that holds plugin.yaml; the plugin's working directory.
  public var folder: String
  /// The folder's name: the plugin's, or `NAME@VERSION`. Sockets, records and logs are named by it,
  /// as several versions live side by side.
  public var place: String { folder.split(separator: "/").last.map(String.init) ?? "" }
  /// Somebody else starts it: it joins by its socket, and this file says what it may do.
  public var isExternal: Bool
  /// Path of the executable, resolved against the folder; empty for an external plugin.
  public var executable: String
  public var arguments: [String]
  /// The executable's SHA-256 as `sha256:` and 64 hex digits; nil = not verified, for development.
  public var digest: String?
  /// Names of the host's environment variables that the plugin gets; all others it does not.
  public var environment: [String]
  public var limits: PluginLimits
  /// All that its processes may do with files; nil = what the host's user may.
  public var files: PluginFiles?
  /// Handed to the plugin by Configure, once what it refers to by `valueFrom` is filled in.
  public var config: JSONObject
  public var grants: PluginGrants
  /// Paths of the blueprints beside it (`blueprints/*.yaml`), sorted.
  public var blueprints: [String]
}

/// What a plugin's process may use; nil = what the host's own limit is.
public struct PluginLimits: Sendable, Equatable {
  /// Bytes of private writable memory (RLIMIT_DATA: a limit of the address space would hit
  /// runtimes that reserve much of it and use little).
  public var memory: UInt64?
  public var openFiles: UInt64?
  /// Processes and threads; the kernel counts those of the whole user.
  public var processes: UInt64?

  public init(memory: UInt64? = nil, openFiles: UInt64? = nil, processes: UInt64? = nil) {
    self.memory = memory
    self.openFiles = openFiles
    self.processes = processes
  }
}

/// What a plugin's processes may do with files beyond what every program needs.
public struct PluginFiles: Sendable, Equatable {
  /// Absolute paths: files, or directories with all below them.
  public var read: [String]
  public var write: [String]

  public init(read: [String] = [], write: [String] = []) {
    self.read = read
    self.write = write
  }
}

/// Which intents a plugin's tasks may write; nothing that is not named.
public struct PluginGrants: Sendable, Equatable {
  /// Intent kinds.
  public var intents: [String]
  /// Names of targets, or `anyTarget`.
  public var targets: [String]

  /// Grants every target, for tasks whose targets come and go.
  public static let anyTarget = "*"

  public init(intents: [String] = [], targets: [String] = []) {
    self.intents = intents
    self.targets = targets
  }

  /// Whether an intent of this kind may be written for this target.
  public func allow(kind: String, target: String) -> Bool {
    intents.contains(kind) && (targets.contains(target) || targets.contains(Self.anyTarget))
  }
}
