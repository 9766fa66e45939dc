import JSON
import Model
import PluginProto
import PluginSupervision
import Synchronization
import Testing

@testable import Daemon

@Suite("What is let in fits what is there")
struct AdmissionRelationsTests {
  /// A box whose plan has these tasks.
  private static func blueprint(_ tasks: String, schema: String = "size: {type: integer}") -> String
  {
    """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: boxes}
    spec:
      kind: Box
      target: local
      schema: {type: object, properties: {\(schema)}}
      plans:
      - name: init
        when: {phaseIn: [Pending]}
        tasks: \(tasks)

    """
  }

  private static func box(_ name: String, owners: String, _ spec: String = "{}") -> String {
    "apiVersion: mortise.dev/v1\nkind: Box\nmetadata: {name: \(name), ownerReferences: \(owners)}\n"
      + "spec: \(spec)\n"
  }

  @Test(
    "a task type that nobody offers is refused with the nearest one and what to do",
    arguments: [
      ("[{type: move}]", ""), ("[{type: move, version: \">=1.2, <2\"}]", ""),
      ("[{type: mve}]", "no installed plugin offers the task type \"mve\"; did you mean move? "),
      ("[{type: zz}]", "the task type \"zz\"; offered are look, move. Not known yet"),
      ("[{type: zz}]", "Not known yet is what these offer: broken (Quarantined)."),
      ("[{type: move, version: \">=2\"}]", "offers move >=2; there is 1.2.0 of mover@1.0.0"),
    ])
  func taskTypes(tasks: String, message: String) async throws {
    let gate = try Gatehouse(ScriptedTypes(["move", "look"], silent: ["broken (Quarantined)"]))
    let reply = try await gate.apply(Self.blueprint(tasks))
    if message.isEmpty {
      #expect(reply.problems == [])
      return
    }
    #expect(reply.problems.map(\.path) == ["spec.plans[0].tasks[0].type"])
    #expect(reply.problems.map(\.line) == [11])
    #expect(reply.problems.first?.message.contains(message) == true, "\(reply.problems)")
    #expect(try await gate.objects.isEmpty)
  }

  @Test("a plugin that is about to say what it offers is waited for; what was let in stays in")
  func introductions() async throws {
    let types = ScriptedTypes([], later: ["move"])
    let gate = try Gatehouse(types)
    #expect(try await gate.apply(Self.blueprint("[{type: move}]")).problems == [])
    #expect(types.waits == 1)
    types.forget()
    // Its plugin is away: the same types again are no news, another one is.
    let again = Self.blueprint("[{name: a, type: move}, {name: b, type: move}]")
    #expect(try await gate.apply(again).problems == [])
    #expect(types.waits == 1)
    let other = try await gate.apply(Self.blueprint("[{type: move}, {type: look}]"))
    #expect(other.problems.map(\.path) == ["spec.plans[0].tasks[1].type"])
  }

  @Test(
    "a reference that can't lead anywhere is refused where it stands",
    arguments: [
      (
        "{a: \"${spec.sise}\"}", "params.a",
        "spec has no \"sise\" in the schema; did you mean size?"
      ),
      ("{a: [\"${spec.size.x}\"]}", "params.a[0]", "spec.size is no object"),
      ("{a: {b: \"x-${status.other}\"}}", "params.a.b", "nothing sets status.other"),
      ("{a: \"${metadata.nam}\"}", "params.a", "metadata has no \"nam\""),
      ("{a: \"${spec.size?}\", b: \"${status.made.x?}\", c: \"${metadata.name}\"}", "", ""),
    ])
  func references(params: String, path: String, message: String) async throws {
    let gate = try Gatehouse()
    let reply = try await gate.apply(
      Self.blueprint("[{type: move, params: \(params), outputs: {made: status.made}}]"))
    #expect(reply.problems.map(\.path) == (path.isEmpty ? [] : ["spec.plans[0].tasks[0].\(path)"]))
    #expect(reply.problems.allSatisfy { $0.message.contains(message) }, "\(reply.problems)")
  }

  @Test("a resource without a field that its plan needs is refused")
  func neededField() async throws {
    let gate = try Gatehouse()
    let reply = try await gate.apply(
      Self.blueprint("[{type: move, params: {a: \"${spec.size}\"}}]"),
      AdmissionTests.box("one", "{}"), AdmissionTests.box("two", "{size: 2}"))
    #expect(reply.problems.map(\.path) == ["spec.size"])
    #expect(reply.problems.first?.message.contains("task move of plan init") == true)
    #expect(try await gate.objects.isEmpty)
  }

  @Test("owners are there, have the uid that they are said to have, and own nobody who owns them")
  func owners() async throws {
    let gate = try Gatehouse()
    _ = try await gate.apply(Self.blueprint("[{type: move}]"))
    func problems(_ texts: String...) async throws -> [String] {
      try await gate.admission.apply(
        [AdmissionTests.manifest(texts.joined(separator: "---\n"))], isDryRun: true
      ).problems.map { "\($0.path): \($0.message)" }
    }
    let parent = AdmissionTests.box("parent", "{}")
    let child = Self.box("child", owners: "[{kind: Box, name: parent}]")
    let missing = try await problems(child)
    #expect(missing.count == 1)
    #expect(
      missing[0].hasPrefix("metadata.ownerReferences[0].name: Box default/parent is not there"))
    // In one apply, whatever the order; the uid is the one that the owner gets.
    #expect(try await gate.apply(child, parent).problems == [])
    let owner = try await gate.box("child").metadata.ownerReferences
    #expect(owner.map(\.uid) == [try await gate.box("parent").metadata.uid])
    #expect(owner.map(\.controller) == [true])
    #expect(try await gate.apply(child).applied.map(\.action) == [.unchanged])
    // A manifest that does not speak of owners leaves them.
    #expect(try await gate.apply(AdmissionTests.box("child", "{}")).applied[0].action == .unchanged)
    let wrong = Self.box("child", owners: "[{kind: Box, name: parent, uid: other}]")
    #expect(try await problems(wrong).first?.contains("has the uid") == true)
    let loop = Self.box("parent", owners: "[{kind: Box, name: child}]")
    let own = "Box default/parent is owned by Box default/child is owned by Box default/parent"
    #expect(try await problems(loop) == ["metadata.ownerReferences: it would own itself: \(own)"])
    #expect(try await problems(Self.box("own", owners: "[{kind: Box, name: own}]")).count == 1)
    #expect(
      try await problems(Self.box("x", owners: "[{kind: Event, name: parent}]")).first?
        .hasPrefix("metadata.ownerReferences[0].kind") == true)
    let two =
      "[{kind: Box, name: parent, controller: true}, {kind: Box, name: child, controller: true}]"
    #expect(try await problems(Self.box("x", owners: two)).count == 1)
    #expect(
      try await problems(Self.box("x", owners: "[{kind: Box, name: parnt}]")).first?
        .contains("did you mean parent?") == true)
  }

  @Test("a blueprint that drops a task type which a plan in flight still needs is refused by name")
  func orphans() async throws {
    let gate = try Gatehouse()
    _ = try await gate.apply(
      Self.blueprint("[{type: move}, {type: look}]"), AdmissionTests.box("one", "{}"))
    try await gate.change("one") { box in
      func task(_ type: String, _ state: TaskState) -> PlannedTask {
        var task = PlannedTask(id: type, name: type, type: type, params: [:], timeout: .seconds(1))
        task.state = state
        return task
      }
      box.status.plan = Plan(
        id: "p", name: "init", generation: 1, target: "local", targetPhase: "", failedPhase: "",
        condition: nil, tasks: [task("move", .complete), task("look", .pending)],
        startedAt: Timestamp(milliseconds: 1))
    }
    let reply = try await gate.apply(Self.blueprint("[{type: move}]"))
    #expect(reply.problems.map(\.path) == ["spec.plans"])
    let message = reply.problems.first?.message ?? ""
    #expect(message.contains("type look"))
    #expect(message.contains("box/one (plan init)"))
    // What is done already is not needed any more.
    #expect(try await gate.apply(Self.blueprint("[{type: look}]")).problems == [])
    try await gate.change("one") { $0.status.plan = nil }
    #expect(try await gate.apply(Self.blueprint("[{type: other}]")).problems == [])
  }

  @Test("a kind is taught by one blueprint, which teaches no other while there are objects of it")
  func kinds() async throws {
    let gate = try Gatehouse()
    let boxes = Self.blueprint("[{type: move}]")
    _ = try await gate.apply(boxes, AdmissionTests.box("one", "{}"))
    let twin = boxes.replacing("{name: boxes}", with: "{name: twin}")
    #expect(try await gate.apply(twin).problems.map(\.path) == ["spec.kind"])
    let renamed = boxes.replacing("kind: Box\n", with: "kind: Crate\n")
    let refused = try await gate.apply(renamed).problems
    #expect(refused.map(\.path) == ["spec.kind"])
    #expect(refused.first?.message.contains("1 objects of kind Box") == true)
    #expect(gate.catalog.kinds == ["Box"])
    try await gate.remove("one")
    #expect(try await gate.apply(renamed).problems == [])
    #expect(gate.catalog.kinds == ["Crate"])
    #expect(try await gate.apply(boxes, twin).problems.count == 1)
  }
}

/// Task types that a test offers.
private final class ScriptedTypes: TaskTypeDirectory {
  private struct State {
    var types: [String]
    var later: [String]
    var waits = 0
  }

  private let state: Mutex<State>
  let silent: [String]

  init(_ types: [String], later: [String] = [], silent: [String] = []) {
    state = Mutex(State(types: types, later: later))
    self.silent = silent
  }

  var waits: Int { state.withLock { $0.waits } }

  func forget() { state.withLock { $0.types = [] } }

  var offers: [PluginSupervisor.TaskTypeOffer] {
    state.withLock(\.types).map {
      PluginSupervisor.TaskTypeOffer(
        type: $0, version: SemanticVersion(1, 2, 0), plugin: "mover@1.0.0")
    }
  }

  func untilIntroduced(within patience: Duration) async {
    state.withLock { state in
      state.waits += 1
      state.types += state.later
      state.later = []
    }
  }
}
