import LinuxSystem
import TTRPC
import Testing

@testable import ConformanceKit

@Suite("The processes of a conformance run")
struct WorkplaceTests {
  @Test("are gone with the run, also those of cases that ended before: none stays unreaped")
  func reaped() async throws {
    let loop = try EventLoop.startThread("workplace")
    defer { loop.stop() }
    let pids = try await withTaskExecutorPreference(loop) {
      let workplace = try Workplace(Subjects.switchboard(nil), on: loop)
      var pids: [Int32] = []
      for _ in 0..<3 {
        pids.append(try #require(try workplace.start().process?.pid))
        workplace.endOthers()
      }
      await workplace.close()
      return pids
    }
    for pid in pids { #expect(try FileSystem.status("/proc/\(pid)") == nil) }
  }
}
