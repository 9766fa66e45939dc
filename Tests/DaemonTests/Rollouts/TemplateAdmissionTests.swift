import PluginProto
import TTRPC
import Testing

@testable import Daemon

@Suite("What a deployment's template has to be")
struct TemplateAdmissionTests {
  private static func deployment(
    name: String = "shop", kind: String = "Box", spec: String = "{size: 1}", replicas: Int = 3
  ) -> String {
    """
    apiVersion: mortise.dev/v1
    kind: NodeDeployment
    metadata: {name: \(name)}
    spec: {replicas: \(replicas), template: {kind: \(kind), spec: \(spec)}}

    """
  }

  private func apply(_ documents: String...) async throws -> HostV1.ApplyReply {
    let fixture = try HostFixture()
    var manifest = HostV1.Manifest()
    manifest.source = "shop.yaml"
    manifest.content = Array(documents.joined(separator: "---\n").utf8)
    var request = HostV1.ApplyRequest()
    request.manifests = [manifest]
    let client = try fixture.client()
    defer { client.close() }
    return try await client.call(HostV1.Host.apply, request, timeout: .seconds(300))
  }

  @Test("one of a kind that comes with it is let in")
  func good() async throws {
    let reply = try await apply(Self.deployment(), BoxKind.blueprint)
    #expect(reply.problems == [])
    #expect(reply.applied.count == 2)
  }

  @Test("a kind that nobody teaches is refused with those that are known")
  func unknownKind() async throws {
    let reply = try await apply(BoxKind.blueprint, Self.deployment(kind: "Bax"))
    #expect(reply.problems.map(\.path) == ["spec.template.kind"])
    #expect(reply.problems.first?.message.contains("known: Box") == true)
    #expect(reply.applied.isEmpty)
  }

  @Test("a spec that breaks the child's schema is refused at its place in the template")
  func badSpec() async throws {
    let reply = try await apply(BoxKind.blueprint, Self.deployment(spec: "{size: 0, shape: round}"))
    #expect(
      Set(reply.problems.map(\.path)) == ["spec.template.spec.size", "spec.template.spec.shape"])
    #expect(reply.problems.map(\.source) == ["shop.yaml", "shop.yaml"])
  }

  @Test("a name that would make a child's too long is refused with the child's")
  func longName() async throws {
    let name = String(repeating: "n", count: Admission.nameLimit - 2)
    let fits = try await apply(BoxKind.blueprint, Self.deployment(name: name, replicas: 10))
    #expect(fits.problems == [])
    let reply = try await apply(BoxKind.blueprint, Self.deployment(name: name, replicas: 11))
    #expect(reply.problems.map(\.path) == ["metadata.name"])
    #expect(reply.problems.first?.message.contains("\(name)-10") == true)
  }

  @Test("a deployment of deployments is refused")
  func nested() async throws {
    let reply = try await apply(
      BoxKind.blueprint, Self.deployment(kind: "NodeDeployment", spec: "{}"))
    #expect(reply.problems.map(\.path) == ["spec.template.kind"])
  }
}
