internal import Glibc

/// All that a new process is given; it inherits nothing that isn't named here.
public struct ProcessSpec: Sendable {
  /// What is executed.
  public enum Executable: Sendable {
    /// An absolute path.
    case path(String)
    /// An open file: the very bytes that were looked at before. A script may be executed so, too;
    /// its interpreter sees it as /dev/fd/N.
    case descriptor(Descriptor)
  }

  /// A descriptor of the parent and the number under which the child has it.
  public struct Mapping: Sendable {
    /// Open in the parent.
    public var source: Descriptor
    /// Its number in the child.
    public var target: Int32

    /// Maps an open descriptor to a number of the child.
    public init(_ source: Descriptor, as target: Int32) {
      self.source = source
      self.target = target
    }
  }

  /// A bound on what the process may use (setrlimit).
  public struct Limit: Sendable {
    /// What is bounded.
    public enum Resource: Sendable {
      /// Bytes of writable private memory.
      case data
      /// Bytes of address space, memory that is only reserved included.
      case addressSpace
      case openFiles
      /// Processes and threads of the user, not of this process alone.
      case processes
      /// Bytes of a core dump.
      case coreDump
      case cpuSeconds
    }

    /// What is bounded.
    public var resource: Resource
    /// Where the kernel refuses; the process may raise it up to `hard`.
    public var soft: UInt64
    /// How far the process may raise its soft limit.
    public var hard: UInt64

    /// Soft and hard limit alike.
    public init(_ resource: Resource, _ value: UInt64) {
      self.resource = resource
      soft = value
      hard = value
    }
  }

  /// What is executed.
  public var executable: Executable
  /// argv, the program's name first.
  public var arguments: [String]
  /// The whole environment: nothing of the parent's is added.
  public var environment: [String: String]
  /// Nil = the parent's.
  public var workingDirectory: String?
  /// The child's descriptors. 0, 1 and 2 are /dev/null where they aren't named.
  public var descriptors: [Mapping]
  /// setsid: a session and a process group of its own, no terminal.
  public var newSession = false
  /// A process group of its own, led by the child.
  public var newProcessGroup = false
  /// Sent to the child when the *thread* that spawned it ends.
  public var parentDeathSignal: Int32?
  /// Bounds that the child and all below it inherit.
  public var limits: [Limit] = []
  /// The child and all below it gain no privileges by executing set-uid programs.
  public var noNewPrivileges = false
  /// All that the child and what it starts may do with files; nil = what its user may. It needs
  /// `noNewPrivileges`.
  public var fileAccess: FileAccess?
  /// The child writes its pid and a newline into this file, in place of what it held, before it
  /// executes: even a parent that dies at that moment leaves a trace of what it started.
  public var pidFile: Descriptor?

  /// A process without a session or group of its own, limits, or a pid file.
  public init(
    _ executable: Executable, arguments: [String], environment: [String: String] = [:],
    workingDirectory: String? = nil, descriptors: [Mapping] = []
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.descriptors = descriptors
  }
}

/// A process that `spawn` started. It must be reaped through `pidfd` once it ended.
public struct SpawnedProcess: Sendable {
  /// Its number, safe to use until it is reaped.
  public let pid: Int32
  /// A handle from its birth: it can't mean another process.
  public let pidfd: PIDFD
  /// What to store, to know it again after a restart.
  public let identity: ProcessIdentity
}
