import Model
import Testing

@testable import PluginSupervision

@Suite("which version serves and which rest")
struct PluginRosterTests {
  private func member(
    _ version: String, _ standing: PluginRoster.Standing = .ready, references: Int = 0,
    hold: PluginHold? = nil, isDriver: Bool = false, types: [String: String] = ["do": "1.0.0"]
  ) -> PluginRoster.Member {
    var member = PluginRoster.Member(name: "p", version: SemanticVersion(version)!)
    member.standing = standing
    member.references = references
    member.hold = hold
    member.isDriver = isDriver
    member.types = types.compactMapValues { SemanticVersion($0) }
    return member
  }

  private func roster(_ members: [PluginRoster.Member]) -> PluginRoster {
    var roster = PluginRoster()
    for member in members { roster.add("p@\(member.version)", member) }
    return roster
  }

  @Test("a newer version serves from its first Ready on, and the older one rests without tasks")
  func upgrade() {
    var roster = roster([member("1.0.0")])
    #expect(roster.settle() == [.serve("p@1.0.0")])
    roster.add("p@1.1.0", member("1.1.0", .untried, types: [:]))
    #expect(roster.settle() == [])
    #expect(roster.serving["p"] == "p@1.0.0")
    roster.change("p@1.1.0") { $0.standing = .ready }
    #expect(roster.settle() == [.serve("p@1.1.0"), .retire("p@1.0.0")])
  }

  @Test("a version that stored plans refer to runs until they don't")
  func references() {
    var roster = roster([member("1.0.0", references: 1), member("1.1.0")])
    #expect(roster.settle() == [.serve("p@1.1.0")])
    roster.change("p@1.0.0") { $0.references = 0 }
    #expect(roster.settle() == [.retire("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .ending }
    #expect(roster.settle() == [])
  }

  private func external(_ standing: PluginRoster.Standing, isDriver: Bool = false)
    -> PluginRoster.Member
  {
    var member = member("0.9.0", standing, isDriver: isDriver)
    member.isExternal = true
    return member
  }

  @Test("an external plugin serves from when it joins until it leaves, whatever is installed")
  func externalServes() {
    var roster = roster([member("1.0.0")])
    roster.add("p.sock", external(.untried))
    #expect(roster.settle() == [.serve("p@1.0.0")])
    roster.change("p.sock") { $0.standing = .ready }
    #expect(roster.settle() == [.serve("p.sock")])
    // It may stand in a debugger.
    roster.change("p.sock") { $0.standing = .down }
    #expect(roster.settle() == [])
    roster.remove("p.sock")
    #expect(roster.settle() == [.serve("p@1.0.0")])
  }

  @Test(
    "an external driver takes its turn when the installed one has ended, and holds it up before")
  func externalDriver() {
    var roster = roster([member("1.0.0", isDriver: true)])
    _ = roster.settle()
    roster.add("p.sock", external(.untried, isDriver: true))
    #expect(roster.settle() == [])
    roster.change("p.sock") { $0.standing = .waiting }
    #expect(roster.settle() == [.retire("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .stopped }
    #expect(roster.settle() == [.proceed("p.sock")])
    roster.change("p.sock") { $0.standing = .ready }
    #expect(roster.settle() == [.serve("p.sock"), .run("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .waiting }
    #expect(roster.settle() == [])
    roster.remove("p.sock")
    #expect(roster.settle() == [.proceed("p@1.0.0")])
  }

  @Test("a task that is pinned to a version that rests, or is about to, has it started")
  func pinnedWhileEnding() {
    let old = ["do": "1.0.0"]
    var roster = roster([
      member("1.0.0", .ending, types: old), member("1.1.0", types: ["do": "1.1.0"]),
    ])
    _ = roster.settle()
    #expect(roster.choose(type: "do", range: try? VersionRange("<1.1")) == .resting("p@1.0.0"))
    roster.ask("p@1.0.0")
    #expect(roster.settle() == [])
    roster.change("p@1.0.0") { $0.standing = .stopped }
    #expect(roster.settle() == [.run("p@1.0.0")])
  }

  @Test("a type that two plugins offer goes to the first by name, and is told as shared")
  func sharedType() {
    var roster = roster([member("1.0.0")])
    var other = PluginRoster.Member(name: "a", version: SemanticVersion("3.0.0")!)
    other.standing = .ready
    other.types = ["do": SemanticVersion("1.0.0")!, "own": SemanticVersion("1.0.0")!]
    roster.add("a", other)
    _ = roster.settle()
    #expect(roster.sharedTypes == ["do": ["a", "p"]])
    #expect(roster.choose(type: "do", range: nil) == .ready("a"))
    roster.change("a") { $0.hold = .draining }
    _ = roster.settle()
    #expect(roster.sharedTypes.isEmpty)
    #expect(roster.choose(type: "do", range: nil) == .ready("p@1.0.0"))
  }

  @Test("after a start of the host an older version waits for a newer one that is on its way")
  func boot() {
    var roster = roster([member("1.0.0"), member("1.1.0", .untried)])
    #expect(roster.settle() == [])
    roster.change("p@1.1.0") { $0.standing = .down }
    #expect(roster.settle() == [.serve("p@1.0.0")])
  }

  @Test("a version that crashes goes on serving; one that is given up makes way")
  func crash() {
    var roster = roster([member("1.0.0", .stopped), member("1.1.0")])
    _ = roster.settle()
    roster.change("p@1.1.0") { $0.standing = .down }
    #expect(roster.settle() == [])
    #expect(roster.serving["p"] == "p@1.1.0")
    roster.change("p@1.1.0") { $0.standing = .quarantined }
    #expect(roster.settle() == [.run("p@1.0.0")])
    #expect(roster.serving["p"] == nil)
    roster.change("p@1.0.0") { $0.standing = .ready }
    #expect(roster.settle() == [.serve("p@1.0.0")])
  }

  @Test("a drained version is the way down: it ends without tasks, and the one before serves")
  func downgrade() {
    var roster = roster([member("1.0.0", .stopped), member("1.1.0", references: 1)])
    _ = roster.settle()
    roster.change("p@1.1.0") { $0.hold = .draining }
    #expect(roster.settle() == [.run("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .ready }
    #expect(roster.settle() == [.serve("p@1.0.0")])
    roster.change("p@1.1.0") { $0.references = 0 }
    #expect(roster.settle() == [.retire("p@1.1.0")])
  }

  @Test("a disabled version ends whatever it began, and does not come back by itself")
  func disabled() {
    var roster = roster([member("1.0.0", references: 3, hold: .disabled)])
    #expect(roster.settle() == [.retire("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .stopped }
    #expect(roster.settle() == [])
    roster.change("p@1.0.0") { $0.hold = nil }
    #expect(roster.settle() == [.run("p@1.0.0")])
  }

  @Test("a version whose folder is gone ends when its tasks are done")
  func removed() {
    var roster = roster([member("1.0.0"), member("1.1.0", references: 1)])
    _ = roster.settle()
    roster.change("p@1.1.0") { $0.isInstalled = false }
    #expect(roster.settle() == [.serve("p@1.0.0")])
    roster.change("p@1.1.0") { $0.references = 0 }
    #expect(roster.settle() == [.retire("p@1.1.0")])
  }

  @Test("a driver is configured when the version before it has ended, and that has no tasks left")
  func drivers() {
    var roster = roster([
      member("1.0.0", references: 1, isDriver: true), member("1.1.0", .untried),
    ])
    #expect(roster.settle() == [])
    roster.change("p@1.1.0") { member in
      member.standing = .waiting
      member.isDriver = true
    }
    #expect(roster.settle() == [])
    roster.change("p@1.0.0") { $0.references = 0 }
    #expect(roster.settle() == [.retire("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .ending }
    #expect(roster.settle() == [])
    roster.change("p@1.0.0") { $0.standing = .stopped }
    #expect(roster.settle() == [.proceed("p@1.1.0")])
  }

  @Test("of two drivers that wait at once, the one with tasks goes first, else the newer")
  func driversAtBoot() {
    var fresh = roster([
      member("1.0.0", .waiting, isDriver: true), member("1.1.0", .waiting, isDriver: true),
    ])
    #expect(fresh.settle() == [.retire("p@1.0.0"), .proceed("p@1.1.0")])
    var busy = roster([
      member("1.0.0", .waiting, references: 1, isDriver: true),
      member("1.1.0", .waiting, isDriver: true),
    ])
    #expect(busy.settle() == [.proceed("p@1.0.0")])
  }

  @Test("a pinned task goes to the version in its range, which is started for it")
  func pins() throws {
    var roster = roster([
      member("1.0.0", .stopped, types: ["do": "1.0.0"]), member("1.1.0", types: ["do": "1.1.0"]),
    ])
    _ = roster.settle()
    #expect(roster.choose(type: "do", range: nil) == .ready("p@1.1.0"))
    #expect(roster.choose(type: "do", range: try VersionRange("<1.1")) == .resting("p@1.0.0"))
    roster.ask("p@1.0.0")
    #expect(roster.settle() == [.run("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .ready }
    #expect(roster.choose(type: "do", range: try VersionRange("<1.1")) == .ready("p@1.0.0"))
    #expect(roster.choose(type: "do", range: nil) == .ready("p@1.1.0"))
    #expect(
      roster.choose(type: "do", range: try VersionRange(">=2"))
        == .nobody("no plugin serves do >=2; there is 1.0.0 of p 1.0.0, 1.1.0 of p 1.1.0"))
  }

  private func wanted(_ standing: PluginRoster.Standing = .ready) -> PluginRoster {
    var roster = roster([
      member("1.0.0", .stopped, types: ["do": "1.0.0"]), member("1.1.0", types: ["do": "1.1.0"]),
    ])
    _ = roster.settle()
    roster.ask("p@1.0.0")
    #expect(roster.settle() == [.run("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = standing }
    return roster
  }

  @Test("a version that was started for a pinned task rests again when nobody asked for a while")
  func released() {
    var roster = wanted()
    #expect(roster.settle() == [.linger("p@1.0.0", asks: 1)])
    #expect(roster.settle() == [], "once")
    roster.release("p@1.0.0", asks: 1)
    #expect(roster.settle() == [.retire("p@1.0.0")])
    roster.change("p@1.0.0") { $0.standing = .ending }
    // Whoever comes too late has it started again.
    #expect(roster.choose(type: "do", range: try? VersionRange("<1.1")) == .resting("p@1.0.0"))
    roster.ask("p@1.0.0")
    roster.change("p@1.0.0") { $0.standing = .stopped }
    #expect(roster.settle() == [.run("p@1.0.0")])
  }

  @Test("while a pinned task asks or has begun there, the version goes on, and is looked at later")
  func notReleased() {
    var asked = wanted()
    _ = asked.settle()
    asked.ask("p@1.0.0")
    asked.release("p@1.0.0", asks: 1)
    #expect(asked.settle() == [.linger("p@1.0.0", asks: 2)])

    var busy = wanted()
    _ = busy.settle()
    busy.change("p@1.0.0") { $0.references = 1 }
    busy.release("p@1.0.0", asks: 1)
    #expect(busy.settle() == [], "its tasks keep it")
    busy.change("p@1.0.0") { $0.references = 0 }
    #expect(busy.settle() == [.linger("p@1.0.0", asks: 1)], "from their end on")
    busy.release("p@1.0.0", asks: 1)
    #expect(busy.settle() == [.retire("p@1.0.0")])
  }

  @Test("a version that is asked for and not ready yet is not given up for want of askers")
  func notReadyYet() {
    var roster = wanted(.down)
    #expect(roster.settle() == [])
    roster.change("p@1.0.0") { $0.standing = .ready }
    #expect(roster.settle() == [.linger("p@1.0.0", asks: 1)])
    roster.change("p@1.0.0") { $0.standing = .down }
    roster.release("p@1.0.0", asks: 1)
    #expect(roster.settle() == [], "who waits for it is woken by its next Ready only")
    roster.change("p@1.0.0") { $0.standing = .ready }
    #expect(roster.settle() == [.linger("p@1.0.0", asks: 1)])
  }

  @Test("a task waits for the version that serves, and does not fall back to an older one")
  func noFallback() {
    var roster = roster([member("1.0.0", references: 1), member("1.1.0")])
    _ = roster.settle()
    roster.change("p@1.1.0") { $0.standing = .down }
    _ = roster.settle()
    #expect(
      roster.choose(type: "do", range: nil)
        == .nobody("p 1.1.0, which serves do, is not ready; see mortise plugins"))
  }
}
