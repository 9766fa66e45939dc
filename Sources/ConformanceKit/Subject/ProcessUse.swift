internal import LinuxSystem

/// What a plugin's process holds of the machine, as the kernel counts it.
struct ProcessUse: Sendable {
  /// More than before by which nothing is said to leak: caches, threads of a runtime.
  private static let descriptorsMax = 8
  private static let threadsMax = 16
  private static let memoryKiBMax = 64 << 10

  var descriptors: Int
  var threads: Int
  /// Resident, in KiB.
  var memoryKiB: Int

  init(of instance: PluginInstance) throws {
    guard let pid = instance.process?.pid else {
      throw CaseFailure("there is no process to look at")
    }
    do throws(SystemError) {
      descriptors = try FileSystem.list("/proc/\(pid)/fd").count
      threads = try FileSystem.list("/proc/\(pid)/task").count
      let status = String(
        decoding: try FileSystem.read("/proc/\(pid)/status"), as: UTF8.self)
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
      memoryKiB = line.flatMap { Int($0.split { $0 == " " || $0 == "\t" }[1]) } ?? 0
    } catch {
      throw CaseFailure("the plugin's process can't be looked at: \(error)")
    }
  }

  func requireBack(to before: ProcessUse, after what: String) throws(CaseFailure) {
    try require(
      descriptors <= before.descriptors + Self.descriptorsMax,
      "after \(what) \(before.descriptors) descriptors became \(descriptors)")
    try require(
      threads <= before.threads + Self.threadsMax,
      "after \(what) \(before.threads) threads became \(threads)")
    try require(
      memoryKiB <= before.memoryKiB + Self.memoryKiBMax,
      "after \(what) \(before.memoryKiB) KiB of memory became \(memoryKiB)")
  }
}
