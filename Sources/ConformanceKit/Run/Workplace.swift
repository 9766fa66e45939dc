internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import TTRPC

/// The directory and the processes of a run, all gone after `close`.
final class Workplace: Sendable {
  private struct State {
    var instances: [PluginInstance] = []
    /// Killed and not reaped yet.
    var ending: [PluginInstance] = []
    var shared: PluginInstance?
    var count = 0
  }

  let directory: String
  let subject: ConformanceSubject
  let loop: EventLoop
  /// A part of every name where the plugin may remember those of an earlier run.
  private let tag: String
  private let state = Mutex(State())

  init(_ subject: ConformanceSubject, on loop: EventLoop) throws {
    self.subject = subject
    self.loop = loop
    tag =
      switch subject.place {
      case .socket: String(UInt64.random(in: 0..<1 << 30), radix: 36) + "-"
      case .program: ""
      }
    // Short: a socket's path has room for 107 bytes.
    directory = "/tmp/mortise-conformance-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    try FileSystem.makeDirectories(directory, mode: 0o700)
  }

  /// A name that nothing else here has.
  func unique(_ prefix: String) -> String {
    state.withLock { state in
      state.count += 1
      return "\(prefix)-\(tag)\(state.count)"
    }
  }

  func makeDirectory(_ prefix: String) throws -> String {
    let path = "\(directory)/\(unique(prefix))"
    try FileSystem.makeDirectories(path, mode: 0o700)
    return path
  }

  /// A process of its own, in an empty state directory or in one that another process left.
  func start(in stateDirectory: String? = nil) throws -> PluginInstance {
    let instance: PluginInstance
    switch subject.place {
    case .socket(let path):
      // It outlives the run, and takes no other configuration than its first.
      let own = "\(path).state"
      try FileSystem.makeDirectories(own, mode: 0o700)
      instance = PluginInstance.attached(to: path, stateDirectory: own, on: loop)
    case .program(let path, let arguments):
      let own = try stateDirectory ?? makeDirectory("state")
      instance = try PluginInstance.start(
        subject, path: path, arguments: arguments, socketPath: "\(directory)/\(unique("s")).sock",
        stateDirectory: own, on: loop)
    }
    state.withLock { $0.instances.append(instance) }
    return instance
  }

  /// The process that cases share which don't harm it; another one where it has ended.
  func shared() throws -> PluginInstance {
    if let shared = sharedNow, shared.exitStatus == nil { return shared }
    let instance = try start()
    state.withLock { $0.shared = instance }
    return instance
  }

  /// The process that was started last.
  var newest: PluginInstance? { state.withLock { $0.instances.last } }

  var sharedNow: PluginInstance? { state.withLock { $0.shared } }

  /// The next case gets a new shared process.
  func replaceShared() {
    let old = state.withLock { state in
      defer { state.shared = nil }
      return state.shared
    }
    old?.killNow()
  }

  /// Ends the processes that a case started for itself; those that take a moment are reaped after a
  /// later case.
  func endOthers() {
    let ending = state.withLock { state in
      state.ending += state.instances.filter { $0 !== state.shared }
      state.instances.removeAll { $0 !== state.shared }
      defer { state.ending = [] }
      return state.ending
    }
    for instance in ending { instance.killNow() }
    let left = ending.filter { $0.process != nil && $0.exitStatus == nil }
    state.withLock { $0.ending += left }
  }

  /// Ends all processes and removes the directory.
  func close() async {
    let all = state.withLock { state in
      defer { state = State() }
      return state.instances + state.ending
    }
    for instance in all {
      // One that can't be killed is stuck in the kernel: nothing more can be done here.
      try? await instance.kill(.seconds(60))
      instance.killNow()
    }
    try? FileSystem.removeTree(directory)
  }
}
