import Testing

@testable import Convergence
@testable import Model

private func key(_ name: String, on target: String = "local", kind: String = "Volume") -> IntentKey
{
  IntentKey(target: target, kind: kind, key: name)
}

private func seen(_ name: String) -> Intent {
  var present = intent(.committed, key: key(name))
  present.verifiedAt = at(1)
  return present
}

private func refusal(
  _ adds: [IntentKey], _ present: [Intent] = [], total: UInt64 = 3, used: UInt64 = 0
) -> String? {
  RoomCheck(adds: adds, present: present) { place in
    place.target == "local" && place.kind == "Volume"
      ? RoomCheck.Capacity(total: total, used: used) : nil
  }.refusal?.message
}

@Suite("There is room, or nothing begins")
struct RoomCheckTests {
  @Test("what is there, on its way and asked for is held against what the target holds")
  func sums() {
    #expect(refusal([key("a")], used: 2) == nil)
    #expect(
      refusal([key("a")], used: 3)
        == "local holds 3 of Volume: 3 are there, 0 are on their way, and 1 more would not fit")
    #expect(refusal([key("a")], [intent(.pending, key: key("b"))], used: 1) == nil)
    #expect(refusal([key("a")], [intent(.pending, key: key("b"))], used: 2) != nil)
    #expect(refusal([key("a"), key("b")], used: 1) == nil)
    #expect(refusal([key("a"), key("b")], used: 2) != nil)
  }

  @Test("an intent counts once: seen by its driver, held by the host already, or asked for twice")
  func once() {
    #expect(refusal([key("a")], [seen("a")], used: 3) == nil)
    #expect(refusal([key("a")], [seen("b")], used: 2) == nil)
    #expect(refusal([key("a"), key("a")], used: 2) == nil)
  }

  @Test("what is on its way out is no room taken by the host, and what comes again is asked for")
  func leaving() {
    #expect(refusal([key("a")], [intent(.deletePending, key: key("a"))], used: 3) != nil)
    #expect(refusal([key("a")], [intent(.deletePending, key: key("b"))], used: 2) == nil)
  }

  @Test("a place of which nobody can tell is not checked")
  func unknown() {
    #expect(refusal([key("a", on: "far")], used: 3) == nil)
    #expect(refusal([key("a", kind: "Service")], used: 3) == nil)
    #expect(refusal([], used: 9) == nil)
  }
}
