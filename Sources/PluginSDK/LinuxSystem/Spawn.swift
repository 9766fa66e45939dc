internal import CLinux
internal import Glibc

/// Starts a process exactly as its spec says and returns once the program was executed.
///
/// The calling thread waits for that, some hundred microseconds. Signal handlers and the signal
/// mask are reset; descriptors that aren't named are closed.
///
/// - Throws: `SystemError` naming the step: "exec /opt/x: Permission denied". Then no process is
///   left, though the pid file may name one that was.
public func spawn(_ spec: ProcessSpec) throws(SystemError) -> SpawnedProcess {
  let name = try executableName(spec)
  let arguments = try CStringArray(spec.arguments, naming: name)
  let environment = try CStringArray(
    spec.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }, naming: name)
  let null = try Descriptor.open("/dev/null", O_RDWR)
  var mappings = spec.descriptors.map { mapping in
    clinux_descriptor_mapping(source: mapping.source.number, target: mapping.target, scratch: -1)
  }
  for standard in Int32(0)...2 where !mappings.contains(where: { $0.target == standard }) {
    mappings.append(
      clinux_descriptor_mapping(source: null.number, target: standard, scratch: -1))
  }
  let limits = spec.limits.map {
    clinux_resource_limit(resource: $0.resource.number, soft: $0.soft, hard: $0.hard)
  }

  var result = clinux_spawn_result()
  let directory = spec.workingDirectory.map { strdup($0) } ?? nil
  let path = spec.executable.path.map { strdup($0) } ?? nil
  defer {
    free(directory)
    free(path)
  }
  let status = mappings.withUnsafeMutableBufferPointer { mappings in
    limits.withUnsafeBufferPointer { limits in
      var request = clinux_spawn_request(
        executable_descriptor: spec.executable.number, executable_path: path,
        arguments: arguments.pointers, environment: environment.pointers,
        working_directory: directory,
        mappings: mappings.baseAddress, mapping_count: mappings.count,
        limits: limits.baseAddress, limit_count: limits.count,
        new_session: spec.newSession ? 1 : 0, new_process_group: spec.newProcessGroup ? 1 : 0,
        no_new_privileges: spec.noNewPrivileges ? 1 : 0,
        parent_death_signal: spec.parentDeathSignal ?? 0, pid_file: spec.pidFile?.number ?? -1,
        ruleset: spec.fileAccess?.descriptor.number ?? -1)
      return startPatiently(&request, &result)
    }
  }
  // The child reads these by number until it executes.
  withExtendedLifetime((spec, null)) {}
  if status != 0 {
    let call = result.failed_call.map { String(cString: $0) } ?? "spawn"
    throw SystemError(code: result.error, call: call, subject: name)
  }
  return try identify(pid: result.pid, pidfd: PIDFD(Descriptor(owning: result.pidfd)))
}

/// Starts the process; waits a moment where its file is busy.
///
/// A child that another thread is just starting holds, until it executes, a copy of every
/// descriptor, so that a file which was written and closed can still count as being written.
private func startPatiently(
  _ request: inout clinux_spawn_request, _ result: inout clinux_spawn_result
) -> Int32 {
  let attemptsMax = 100
  for _ in 1..<attemptsMax {
    let status = clinux_spawn(&request, &result)
    if status == 0 || result.error != ETXTBSY { return status }
    usleep(1000)
  }
  return clinux_spawn(&request, &result)
}

/// The name for errors; refuses what could only fail in a confusing way in the child.
private func executableName(_ spec: ProcessSpec) throws(SystemError) -> String {
  guard let program = spec.arguments.first else {
    throw SystemError(code: EINVAL, call: "spawn", subject: "no arguments, not even a name")
  }
  guard let path = spec.executable.path else { return program }
  guard path.hasPrefix("/"), !path.utf8.contains(0) else {
    throw SystemError(code: EINVAL, call: "spawn", subject: "\(path) is not an absolute path")
  }
  return path
}

private func identify(pid: Int32, pidfd: PIDFD) throws(SystemError) -> SpawnedProcess {
  do throws(SystemError) {
    // The child isn't reaped yet, so its entry is there even if it ended at once.
    guard let identity = try ProcessIdentity.read(pid) else {
      throw SystemError(code: ESRCH, call: "read", subject: "/proc/\(pid)/stat")
    }
    return SpawnedProcess(pid: pid, pidfd: pidfd, identity: identity)
  } catch {
    try pidfd.signal(SIGKILL)
    throw error
  }
}

extension ProcessSpec.Executable {
  fileprivate var path: String? { if case .path(let path) = self { path } else { nil } }

  fileprivate var number: Int32 {
    if case .descriptor(let descriptor) = self { descriptor.number } else { -1 }
  }
}

extension ProcessSpec.Limit.Resource {
  fileprivate var number: Int32 {
    switch self {
    case .data: Int32(RLIMIT_DATA.rawValue)
    case .addressSpace: Int32(RLIMIT_AS.rawValue)
    case .openFiles: Int32(RLIMIT_NOFILE.rawValue)
    case .processes: Int32(__RLIMIT_NPROC.rawValue)
    case .coreDump: Int32(RLIMIT_CORE.rawValue)
    case .cpuSeconds: Int32(RLIMIT_CPU.rawValue)
    }
  }
}

/// Strings as C wants them: a null-terminated array of null-terminated strings, freed together.
private final class CStringArray {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String], naming subject: String) throws(SystemError) {
    if strings.contains(where: { $0.utf8.contains(0) }) {
      throw SystemError(
        code: EINVAL, call: "spawn", subject: "\(subject): a zero byte in an argument or variable")
    }
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, string) in strings.enumerated() {
      (pointers + index).initialize(to: strdup(string))
    }
    (pointers + count).initialize(to: nil)
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
