import Model
import Synchronization
import Testing

@testable import Daemon

@Suite struct CallSlotsTests {
  /// Slots with a plugin `p`, and who was woken.
  private final class Fixture: Sendable {
    private let woken = Mutex<[String]>([])
    let slots: CallSlots

    init() {
      let woken = LateBound<@Sendable (String) -> Void>()
      slots = CallSlots { woken.value?($0.name) }
      woken.bind { name in self.woken.withLock { $0.append(name) } }
    }

    /// Whether a place was taken.
    func enters(_ name: String, _ type: String = "t", limit: Int = 0) -> Bool {
      slots.enter(
        plugin: "p", type: type, typeLimit: limit,
        for: ObjectKey(kind: "K", namespace: "default", name: name)) == nil
    }

    func leave(_ type: String = "t") -> [String] {
      slots.leave(plugin: "p", type: type)
      return woken.withLock { woken in
        defer { woken = [] }
        return woken
      }
    }
  }

  @Test("a type takes no more calls than it declares; who waits is woken in turn")
  func typeLimit() {
    let fixture = Fixture()
    #expect(fixture.enters("a", limit: 2))
    #expect(fixture.enters("b", limit: 2))
    #expect(!fixture.enters("c", limit: 2))
    #expect(!fixture.enters("d", limit: 2))
    // Asking again neither loses the turn nor takes a second one.
    #expect(!fixture.enters("c", limit: 2))
    #expect(fixture.enters("e", "other"))
    #expect(fixture.leave() == ["c"])
    #expect(fixture.enters("c", limit: 2))
    #expect(fixture.leave() == ["d"])
  }

  @Test("a plugin takes no more calls than the host allows, whatever its types")
  func pluginLimit() {
    let fixture = Fixture()
    for number in 1...CallSlots.perPlugin { #expect(fixture.enters("\(number)", "t\(number)")) }
    #expect(!fixture.enters("late"))
    #expect(
      fixture.slots.enter(
        plugin: "q", type: "t", typeLimit: 0,
        for: ObjectKey(kind: "K", namespace: "default", name: "other")) == nil)
    #expect(fixture.leave("t1") == ["late"])
  }

  @Test("who was woken and did not come keeps nobody waiting for ever")
  func noShow() {
    let fixture = Fixture()
    #expect(fixture.enters("a", limit: 1))
    #expect(fixture.enters("b", "other"))
    for name in ["c", "d", "e"] { #expect(!fixture.enters(name, limit: 1)) }
    #expect(fixture.leave() == ["c"])
    #expect(fixture.leave("other") == ["d", "e"])
  }
}
