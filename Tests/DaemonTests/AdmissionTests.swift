import JSON
import Model
import PluginProto
import Storage
import Synchronization
import Testing

@testable import Daemon

@Suite("What is let in")
struct AdmissionTests {
  static func box(_ name: String, _ spec: String) -> String {
    "apiVersion: mortise.dev/v1\nkind: Box\nmetadata: {name: \(name)}\nspec: \(spec)\n"
  }

  static func manifest(_ documents: String..., source: String = "f.yaml") -> HostV1.Manifest {
    var manifest = HostV1.Manifest()
    manifest.source = source
    manifest.content = Array(documents.joined(separator: "---\n").utf8)
    return manifest
  }

  @Test("with one problem in any document of any file, nothing is written")
  func allOrNothing() async throws {
    let gate = try Gatehouse()
    let reply = try await gate.admission.apply(
      [
        Self.manifest(BoxKind.blueprint, Self.box("good", "{size: 1}")),
        Self.manifest(Self.box("bad", "{size: 0}"), source: "g.yaml"),
      ], isDryRun: false)
    #expect(reply.applied.isEmpty)
    #expect(reply.problems.map(\.source) == ["g.yaml"])
    #expect(reply.problems.map(\.path) == ["spec.size"])
    #expect(reply.problems.map(\.line) == [4])
    #expect(try await gate.objects.isEmpty)
    #expect(gate.catalog.kinds.isEmpty)
    #expect(gate.woken.isEmpty)
  }

  @Test("the problems of all documents are reported together")
  func together() async throws {
    let gate = try Gatehouse()
    let reply = try await gate.admission.apply(
      [
        Self.manifest(
          BoxKind.blueprint, Self.box("one", "{size: many}"), Self.box("Two", "{size: 1}"),
          Self.box("three", "{size: 1, shape: round}"))
      ], isDryRun: false)
    #expect(Set(reply.problems.map(\.path)) == ["spec.size", "metadata.name", "spec.shape"])
  }

  @Test("a file brings a kind and its resources in any order")
  func anyOrder() async throws {
    let gate = try Gatehouse()
    let reply = try await gate.admission.apply(
      [Self.manifest(Self.box("one", "{size: 1}"), BoxKind.blueprint)], isDryRun: false)
    #expect(reply.problems.isEmpty)
    #expect(Set(try await gate.objects.map(\.key.kind)) == ["Blueprint", "Box"])
    #expect(try await gate.box("one").spec == ["size": 1, "colour": "grey"])
  }

  @Test("a kind that no blueprint teaches is refused with the kinds that are known")
  func unknownKind() async throws {
    let gate = try Gatehouse()
    _ = try await gate.admission.apply([Self.manifest(BoxKind.blueprint)], isDryRun: false)
    let other = Self.box("one", "{}").replacing("kind: Box", with: "kind: Bax")
    let reply = try await gate.admission.apply([Self.manifest(other)], isDryRun: false)
    #expect(reply.problems.map(\.path) == ["kind"])
    #expect(reply.problems.first?.message.contains("Box") == true)
  }

  @Test("labels that no selector could name are refused with their place")
  func labels() async throws {
    let gate = try Gatehouse()
    let box = Self.box("one", "{size: 1}")
      .replacing("{name: one}", with: "{name: one, labels: {tier: a b}}")
    let reply = try await gate.admission.apply(
      [Self.manifest(BoxKind.blueprint, box)], isDryRun: false)
    #expect(reply.problems.map(\.path) == ["metadata.labels.tier"])
    #expect(try await gate.objects.isEmpty)
  }

  @Test("a dry run says what would happen and writes nothing")
  func dryRun() async throws {
    let gate = try Gatehouse()
    let reply = try await gate.admission.apply(
      [Self.manifest(BoxKind.blueprint, Self.box("one", "{size: 1}"))], isDryRun: true)
    #expect(reply.applied.map(\.action) == [.created, .created])
    #expect(try await gate.objects.isEmpty)
    #expect(gate.catalog.kinds.isEmpty)
  }

  @Test("the generation rises with the spec alone; the same file again changes nothing")
  func generations() async throws {
    let gate = try Gatehouse()
    let first = Self.manifest(BoxKind.blueprint, Self.box("one", "{size: 1}"))
    _ = try await gate.admission.apply([first], isDryRun: false)
    let before = try await gate.objects
    let again = try await gate.admission.apply([first], isDryRun: false)
    #expect(again.applied.map(\.action) == [.unchanged, .unchanged])
    #expect(try await gate.objects == before)
    let labelled = Self.box("one", "{size: 1}")
      .replacing("{name: one}", with: "{name: one, labels: {a: b}}")
    _ = try await gate.admission.apply([Self.manifest(labelled)], isDryRun: false)
    #expect(try await gate.box("one").metadata.generation == 1)
    _ = try await gate.admission.apply(
      [Self.manifest(Self.box("one", "{size: 2}"))], isDryRun: false)
    #expect(try await gate.box("one").metadata.generation == 2)
  }

  @Test("a pause by hand outlives the next apply of a file that does not speak of it")
  func pausedByHand() async throws {
    let gate = try Gatehouse()
    _ = try await gate.admission.apply(
      [Self.manifest(BoxKind.blueprint, Self.box("one", "{size: 1, paused: true}"))],
      isDryRun: false)
    _ = try await gate.admission.apply(
      [Self.manifest(Self.box("one", "{size: 2}"))], isDryRun: false)
    #expect(try await gate.box("one").spec["paused"] == true)
    _ = try await gate.admission.apply(
      [Self.manifest(Self.box("one", "{size: 2, paused: false}"))], isDryRun: false)
    #expect(try await gate.box("one").spec["paused"] == false)
  }

  @Test("a new blueprint wakes every resource of its kind")
  func wakes() async throws {
    let gate = try Gatehouse()
    _ = try await gate.admission.apply(
      [
        Self.manifest(
          BoxKind.blueprint, Self.box("one", "{size: 1}"), Self.box("two", "{size: 1}"))
      ], isDryRun: false)
    gate.forgetWoken()
    let changed = BoxKind.blueprint.replacing("minimum: 1", with: "minimum: 0")
    _ = try await gate.admission.apply([Self.manifest(changed)], isDryRun: false)
    #expect(Set(gate.woken.map(\.name)) == ["one", "two"])
  }
}

/// Admission over a real store, and who was woken by it.
final class Gatehouse: Sendable {
  let catalog = BlueprintCatalog()
  let admission: Admission
  private let fixture: EngineFixture
  private let wakes: WakeRecord

  init(_ taskTypes: (any TaskTypeDirectory)? = nil) throws {
    let fixture = try EngineFixture()
    let wakes = WakeRecord()
    self.fixture = fixture
    self.wakes = wakes
    admission = Admission(
      environment: fixture.environment(), catalog: catalog, taskTypes: taskTypes
    ) { wakes.add($0) }
  }

  func apply(_ texts: String...) async throws -> HostV1.ApplyReply {
    try await admission.apply(
      [AdmissionTests.manifest(texts.joined(separator: "---\n"))], isDryRun: false)
  }

  func remove(_ name: String) async throws {
    let box = try await box(name)
    try await fixture.store.delete(box.key, version: box.version)
  }

  /// Changes what is stored of a box, whatever admission would say.
  func change(_ name: String, _ body: (inout Resource) -> Void) async throws {
    var box = try await box(name)
    body(&box)
    _ = try await fixture.store.update(box.stored)
  }

  var woken: [ObjectKey] { wakes.keys }

  func forgetWoken() { wakes.clear() }

  var objects: [StoredObject] {
    get async throws { try await fixture.store.list(ObjectFilter()).objects }
  }

  func box(_ name: String) async throws -> Resource {
    let key = ObjectKey(kind: "Box", namespace: "default", name: name)
    return try Resource(try #require(try await fixture.store.get(key)))
  }
}

private final class WakeRecord: Sendable {
  private let record = Mutex<[ObjectKey]>([])

  var keys: [ObjectKey] { record.withLock { $0 } }

  func add(_ key: ObjectKey) { record.withLock { $0.append(key) } }

  func clear() { record.withLock { $0 = [] } }
}
