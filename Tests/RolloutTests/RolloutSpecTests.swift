import JSON
import Model
import Testing

@testable import Rollout

@Suite("What a NodeDeployment asks for")
struct RolloutSpecTests {
  private static let least: JSONValue = [
    "replicas": 3, "template": ["kind": "Box", "spec": ["image": "a"]],
  ]

  @Test("the schema's defaults are the reading's, and it names what is read")
  func defaults() throws {
    let schema = NodeDeployment.blueprint.schema
    let complete = schema.applyingDefaults(Self.least)
    #expect(schema.validate(complete) == [])
    let spec = try RolloutSpec(complete)
    #expect((spec.replicas, spec.maxParallel, spec.canary) == (3, 1, 0))
    #expect(spec.onFailure == .halt && spec.inFlight == .finish && spec.onDelete == .delete)
    #expect(
      spec.rules
        == TurnRules(
          readyCondition: nil, minReady: .seconds(0), progressDeadline: .seconds(600)))
    #expect(
      Set(schema.properties.map(\.name)) == [
        "replicas", "maxParallel", "minReadySeconds", "readyCondition", "progressDeadline",
        "canary", "onFailure", "inFlight", "onDelete", "template",
      ])
  }

  @Test(
    "what is no sense is refused",
    arguments: [
      ("replicas", -1), ("maxParallel", 0), ("onFailure", "Continue"), ("progressDeadline", "soon"),
      ("template", ["kind": "", "spec": [:]]), ("colour", "red"),
    ] as [(String, JSONValue)])
  func refused(name: String, value: JSONValue) {
    var spec = Self.least.object ?? JSONObject()
    spec[name] = value
    let schema = NodeDeployment.blueprint.schema
    #expect(!schema.validate(schema.applyingDefaults(.object(spec))).isEmpty)
  }

  @Test("a child's name has its number, and nothing else has")
  func names() {
    #expect(NodeDeployment.childName(7, of: "shop") == "shop-7")
    for (name, ordinal) in [
      ("shop-0", 0), ("shop-12", 12), ("shop-012", nil), ("shop-", nil), ("shop", nil),
      ("shop--1", nil), ("shop-1-1", nil), ("other-1", nil), ("shop-10000", nil), ("shop-+1", nil),
    ] as [(String, Int?)] {
      #expect(NodeDeployment.ordinal(ofChild: name, of: "shop") == ordinal, "\(name)")
    }
  }
}
