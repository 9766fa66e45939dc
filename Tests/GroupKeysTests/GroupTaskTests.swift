import GroupKeys
import JSON
import PluginSDK
import Testing

@testable import Groups

/// What the tasks ask for, step by step, from the intents that they are shown.
struct GroupTaskTests {
  private func keySet(
    _ device: String, _ keys: KeySet, _ state: IntentState = .committed, transmits: String? = nil
  ) -> Intent {
    Intent(
      .keySet("home", on: device), spec: KeySetSpec(keys).json, state: state,
      observed: transmits.map { ["transmits": .string($0)] })
  }

  private func member(_ device: String, _ keys: KeySet) -> [Intent] {
    [
      keySet(device, keys, transmits: keys.current),
      Intent(
        .keyMap("kitchen", on: device), spec: KeyMapSpec(keySet: "home").json, state: .committed),
      Intent(
        .membership("kitchen", endpoint: 1, on: device),
        spec: DeviceTable.Member("kitchen", endpoint: 1).json, state: .committed),
    ]
  }

  private func step<Type: IntentTask>(
    _ task: Type, _ params: Type.Params, _ phase: String, step: Int = 1, _ intents: [Intent]
  ) async throws -> Wait? {
    let context = TaskContext(step: step, phase: phase, intents: intents)
    guard case .wait(let wait) = try await task.execute(params, context) else { return nil }
    return wait
  }

  private let add = AddNodeToGroup.Params(group: "kitchen", keySet: "home", node: "c")
  private let rotate = RotateGroupKey.Params(keySet: "home", key: "k2")
  private let old = KeySet(only: "k1")
  private let rotation = KeyRotation(to: "k2")
  private var held: KeySet { get throws { try rotation.distributed(old, inUse: ["k1"]) } }
  private var active: KeySet { get throws { try rotation.activated(old, inUse: ["k1"]) } }

  private func wanted(_ wait: Wait?) throws -> [String: KeySet] {
    var wanted: [String: KeySet] = [:]
    for write in wait?.set ?? [] where write.key.kind == GroupKind.keySet {
      wanted[write.key.target] = try KeySetSpec(write.spec).keys
    }
    return wanted
  }

  @Test func phasesNameWhatIsExclusiveWhatIsAddedAndWhereNothingIsUndone() async throws {
    let adding = try await AddNodeToGroup().expand(add, ResourceReference())
    #expect(adding.map(\.name) == ["key-set", "key-map", "membership"])
    #expect(adding.flatMap(\.adds).map(\.kind) == GroupKind.all)
    #expect(adding.allSatisfy { $0.isRevertible && $0.exclusiveKeys == ["group-device/c"] })
    let rotating = try await RotateGroupKey().expand(rotate, ResourceReference())
    #expect(rotating.map(\.isRevertible) == [true, false, false])
    #expect(rotating.map(\.isPointOfNoReturn) == [false, true, false])
    let removing = try await RemoveNodeFromGroup().expand(
      .init(group: "kitchen", keySet: "home", node: "c"), ResourceReference())
    #expect(removing.map(\.name) == ["membership", "key-map", "key-set"])
    #expect(
      removing.allSatisfy { $0.exclusiveKeys == ["group-device/c", "group-key-set/home"] })
  }

  @Test func theFirstDeviceGetsAFirstKey() async throws {
    let wait = try await step(AddNodeToGroup(), add, "key-set", [])
    #expect(try wanted(wait) == ["c": old])
    #expect(wait?.gate == .committed(.keySet("home", on: "c")))
  }

  @Test func aDeviceThatJoinsGetsTheKeysOfTheMembersThatAreFurthestAhead() async throws {
    let others = member("a", try held) + member("b", try active) + [keySet("d", old)]
    let wait = try await step(AddNodeToGroup(), add, "key-set", others)
    #expect(try wanted(wait) == ["c": try active])
  }

  @Test func nobodyBecomesAMemberWithKeysThatAreBehind() async throws {
    let own = [
      keySet("c", old),
      Intent(.keyMap("kitchen", on: "c"), spec: KeyMapSpec(keySet: "home").json, state: .committed),
    ]
    let behind = try await step(
      AddNodeToGroup(), add, "membership", own + member("a", try held))
    #expect(try wanted(behind) == ["c": try held])
    #expect(behind?.set.contains { $0.key.kind == GroupKind.membership } == false)
    let level = try await step(AddNodeToGroup(), add, "membership", own + member("a", old))
    #expect(level?.set.map(\.key) == [.membership("kitchen", endpoint: 1, on: "c")])
    #expect(level?.set.first?.references == [.keyMap("kitchen", on: "c")])
  }

  @Test func aGroupKeepsItsKeySetOnADevice() async throws {
    let own = [
      keySet("c", old),
      Intent(
        .keyMap("kitchen", on: "c"), spec: KeyMapSpec(keySet: "other").json, state: .committed),
    ]
    let failure = await #expect(throws: TaskFailure.self) {
      try await step(AddNodeToGroup(), add, "key-map", own)
    }
    #expect(failure?.reason == "GroupUsesOtherKeySet")
  }

  @Test func removalReleasesWhatOthersMayNeed() async throws {
    let params = RemoveNodeFromGroup.Params(group: "kitchen", keySet: "home", node: "c")
    let members = try await step(
      RemoveNodeFromGroup(), params, "membership", member("c", old) + member("a", old))
    #expect(members?.remove == [.membership("kitchen", endpoint: 1, on: "c")])
    let map = try await step(RemoveNodeFromGroup(), params, "key-map", [])
    #expect(map?.release == [.keyMap("kitchen", on: "c")])
    #expect(map?.remove == [])
    let set = try await step(RemoveNodeFromGroup(), params, "key-set", [])
    #expect(set?.release == [.keySet("home", on: "c")])
    #expect(set?.gate == .settled(.keySet("home", on: "c")))
    let end = try await step(RemoveNodeFromGroup(), params, "key-set", step: 2, [])
    #expect(end == nil)
  }

  @Test func aRotationDistributesThenActivatesThenCleansUp() async throws {
    let before = member("a", old) + member("b", old)
    let distribute = try await step(RotateGroupKey(), rotate, "distribute", before)
    #expect(try wanted(distribute) == ["a": try held, "b": try held])
    let distributed = member("a", try held) + member("b", try held)
    let noMore = try await step(RotateGroupKey(), rotate, "distribute", step: 2, distributed)
    #expect(noMore == nil)

    let look = try await step(RotateGroupKey(), rotate, "activate", distributed)
    #expect(look?.set == [] && look?.gate.clauses.map(\.test) == [.settled, .settled])
    let activate = try await step(RotateGroupKey(), rotate, "activate", step: 2, distributed)
    #expect(try wanted(activate) == ["a": try active, "b": try active])

    let activated = member("a", try active) + member("b", try active)
    let clean = try await step(RotateGroupKey(), rotate, "cleanup", step: 2, activated)
    #expect(try wanted(clean) == ["a": KeySet(only: "k2"), "b": KeySet(only: "k2")])
    let cleaned = member("a", KeySet(only: "k2")) + member("b", KeySet(only: "k2"))
    let end = try await step(RotateGroupKey(), rotate, "cleanup", step: 3, cleaned)
    #expect(end == nil)
  }

  @Test func whoJoinsLateGetsTheKeyBeforeAnybodyTurnsToIt() async throws {
    let intents = member("a", try held) + [keySet("late", old)]
    let wait = try await step(RotateGroupKey(), rotate, "activate", step: 2, intents)
    #expect(try wanted(wait) == ["late": try held])
  }

  @Test func whoJoinsAfterTheBarrierIsCaughtBehindIt() async throws {
    let intents = member("a", try active) + [keySet("late", old)]
    for phase in ["activate", "cleanup"] {
      let wait = try await step(RotateGroupKey(), rotate, phase, step: 2, intents)
      #expect(try wanted(wait) == ["late": try active])
    }
  }

  @Test func aDeviceThatDoesNotTransmitYetHoldsTheBarrier() async throws {
    let intents = member("a", try active) + [keySet("b", try active, transmits: "k1")]
    let wait = try await step(RotateGroupKey(), rotate, "activate", step: 2, intents)
    #expect(wait?.set == [])
    #expect(
      wait?.gate.clauses.contains {
        $0.test == .equals("transmits", "k2") && $0.intent.target == "b"
      } == true)
  }

  @Test func aRotationOfNobodysKeysFails() async throws {
    let failure = await #expect(throws: TaskFailure.self) {
      try await step(RotateGroupKey(), rotate, "distribute", [])
    }
    #expect(failure?.reason == "NobodyHasKeySet")
  }

  @Test func aFullKeySetSaysWhichRotationToFinish() async throws {
    let full = try KeySet([
      EpochKey("a", from: .always), EpochKey("b", from: EpochStart.always.after),
      EpochKey("c", from: EpochStart.always.after.after),
    ])
    let failure = await #expect(throws: TaskFailure.self) {
      try await step(RotateGroupKey(), rotate, "distribute", [keySet("a", full)])
    }
    #expect(failure?.reason == "NoRoomForKey")
    #expect(failure?.message.contains("rotation of key set home to c first") == true)
  }
}
