import ConformanceKit
import JSON
import LinuxSystem
import SwitchboardDefects
import Testing

@Suite("What a run is told by")
struct ReportTests {
  @Test("a SHOULD that is not met is advice, a MUST is a violation, a skip is counted apart")
  func levels() async throws {
    var options = quick()
    options.focus = ["wire.client-stream", "wire.stream-even", "describe.no-driver"]
    let advised = try await conformance(Subjects.switchboard(.takesClientStreams), options)
    #expect(advised.failures == ["wire.client-stream"])
    #expect(advised.isConforming)
    #expect(advised.summary.contains("1 passed, 0 failed, 1 SHOULD not met, 1 skipped"))
    #expect(advised.junit.contains("tests=\"3\" failures=\"0\" skipped=\"2\""))
    let broken = try await conformance(Subjects.switchboard(.servesEvenStreams), options)
    #expect(!broken.isConforming)
    #expect(broken.junit.contains("<failure message=\"the answer was OK, not INVALID_ARGUMENT"))
    let outcomes = broken.json["cases"]?.array?.compactMap { $0["outcome"]?.string }
    #expect(outcomes == ["failed", "passed", "skipped"])
    options.includesShould = false
    let musts = try await conformance(Subjects.switchboard(.takesClientStreams), options)
    #expect(musts.failures.isEmpty)
  }

  @Test("a plugin that does not answer at all is told at once, with its log")
  func silence() async throws {
    let subject = ConformanceSubject(.program(path: "/bin/false", arguments: []))
    await #expect(throws: ConformanceError.self) { try await conformance(subject, quick()) }
  }

  @Test("a plugin that refuses its configuration is told once, not by every case")
  func refusedConfiguration() async throws {
    let subject = try Subjects.program("devices-plugin", name: "devices")
    let error = await #expect(throws: ConformanceError.self) {
      try await conformance(subject, quick())
    }
    #expect(error?.description.contains("ConfigurationRefused") == true)
  }

  @Test("every case names a section that the protocol's page has, and says why in one sentence")
  func sections() throws {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let page = String(decoding: try FileSystem.read("\(root)/proto/PROTOCOL.md"), as: UTF8.self)
    let headings = page.split(separator: "\n").filter { $0.hasPrefix("## ") }
    for one in ConformanceCase.all {
      #expect(headings.contains("## \(one.section)"), "\(one.id): \(one.section)")
      #expect(one.why.hasSuffix("."), "\(one.id)")
    }
  }

  @Test("names of cases and members of conformance.yaml that do not exist are refused")
  func spelling() {
    var options = ConformanceOptions()
    options.focus = ["wire.", "wire.colaesced"]
    options.skip = ["weird."]
    #expect(options.unknownNames == ["wire.colaesced", "weird."])
    #expect(throws: SamplesError.self) { try Samples(["task": [:]]) }
    #expect(throws: SamplesError.self) { try Samples(["tasks": ["a": ["effect": ["file": "x"]]]]) }
  }
}
