import ConformanceKit
import Glibc
import SwitchboardDefects
import Testing

@Suite("Each case is failed by a plugin that breaks its rule, and by no other's")
struct DefectMatrixTests {
  @Test("the plugin that breaks no rule passes every case, and none is skipped for lack of samples")
  func sound() async throws {
    let report = try await conformance(Subjects.switchboard(nil), quick())
    #expect(report.failures.isEmpty, "\(list(report))")
    let skipped = report.results.filter { if case .skipped = $0.outcome { true } else { false } }
    // The switchboard is a driver; its defect that hides it meets this need. Only root has another user.
    let expected = (geteuid() == 0 ? [] : ["wire.wrong-user"]) + ["describe.no-driver"]
    #expect(skipped.map(\.id) == expected)
  }

  /// Plugins that are tested at once: each waits most of the time.
  private static let pluginsAtOnce = 4
  /// So many that one of the moments, which are drawn, lies between a deed and its journal.
  private static let killsToHitAMoment = 14

  @Test("a defect fails exactly the cases that claim it")
  func exact() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, defect) in Defect.allCases.enumerated() {
        if index >= Self.pluginsAtOnce { try await group.next() }
        group.addTask { try await Self.check(defect) }
      }
      try await group.waitForAll()
    }
  }

  private static func check(_ defect: Defect) async throws {
    if defect == .servesEveryUser, geteuid() != 0 { return }
    guard defect.isSilent else {
      var options = quick()
      if defect == .actsBeforeItsJournal { options.effort.kills = killsToHitAMoment }
      let report = try await conformance(Subjects.switchboard(defect), options)
      #expect(report.failures == defect.claims, "\(defect):\n\(list(report))")
      return
    }
    // What never comes is waited for in vain: only where that is expected is the wait cut short.
    var claimed = quick()
    claimed.focus = defect.claims.sorted()
    claimed.patience = .seconds(2)
    let failed = try await conformance(Subjects.switchboard(defect), claimed)
    #expect(failed.failures == defect.claims, "\(defect):\n\(list(failed))")
    var others = quick()
    others.skip = defect.claims.sorted()
    let passed = try await conformance(Subjects.switchboard(defect), others)
    #expect(passed.failures.isEmpty, "\(defect):\n\(list(passed))")
  }

  @Test("every case is found by a defect, and no two by the same defects")
  func distinct() {
    var defectsOfCase: [String: Set<Defect>] = [:]
    for defect in Defect.allCases {
      for id in defect.claims { defectsOfCase[id, default: []].insert(defect) }
    }
    let ids = ConformanceCase.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count >= 60)
    #expect(Set(defectsOfCase.keys) == Set(ids))
    var casesOfDefects: [Set<Defect>: String] = [:]
    for (id, defects) in defectsOfCase {
      let other = casesOfDefects.updateValue(id, forKey: defects)
      #expect(other == nil, "\(id) and \(other ?? "") are failed by the same defects: \(defects)")
    }
  }
}
