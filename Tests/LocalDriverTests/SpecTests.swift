import JSON
import Testing

@testable import LocalDriver

@Suite("Specs")
struct SpecTests {
  static let redis: JSONValue = [
    "replicas": 1, "updateStrategy": "OnDelete",
    "template": [
      "annotations": ["mortise.dev/config": "{}"],
      "initContainers": [
        [
          "name": "sidecar", "image": "sidecar:1.0", "restartPolicy": "Always",
          "startupProbe": ["httpGet": ["path": "/v0/startz", "port": 7000]],
          "readinessProbe": [
            "httpGet": ["path": "/v0/readyz", "port": 7000], "periodMilliseconds": 200,
          ],
        ]
      ],
      "containers": [
        [
          "name": "redis", "image": "redis:7.0", "args": ["--bind", "$(POD_IP)"],
          "env": [["name": "MODE", "value": "test"]],
          "readinessProbe": ["tcpSocket": ["port": 6379]],
        ]
      ],
    ],
    "volumes": ["data": "default/redis"],
  ]

  @Test("a whole StatefulSet is read with its defaults")
  func wholeSet() throws {
    let spec = try StatefulSetSpec(Self.redis)
    #expect(spec.replicas == 1)
    #expect(spec.updateStrategy == .onDelete)
    #expect(spec.template.sidecars.map(\.name) == ["sidecar"])
    #expect(spec.template.containers[0].arguments == ["--bind", "$(POD_IP)"])
    #expect(spec.template.containers[0].readinessProbe?.question == .tcp(port: 6379))
    #expect(spec.template.containers[0].readinessProbe?.periodMilliseconds == 1000)
    #expect(spec.template.graceSeconds == 10)
    #expect(spec.volumes.map(\.claim.description) == ["default/redis"])
  }

  static let mistakes: [(change: @Sendable (inout JSONObject) -> Void, error: String)] = [
    ({ $0["replica"] = 1 }, "spec.replica is not known here"),
    ({ $0["replicas"] = -1 }, "spec.replicas must be an integer from 0 to 1000"),
    ({ $0["replicas"] = "1" }, "spec.replicas must be an integer"),
    (
      { $0["updateStrategy"] = "Recreate" }, "spec.updateStrategy must be OnDelete or RollingUpdate"
    ),
    ({ $0["template"] = nil }, "spec.template is missing"),
    (
      { $0["template"] = ["annotations": ["a": 1], "containers": []] },
      "spec.template.annotations.a must be a string"
    ),
    ({ $0["template"] = ["containers": []] }, "spec.template.containers must name at least one"),
    (
      { $0["template"] = ["containers": [["name": "a", "image": "../b:1"]]] },
      "spec.template.containers[0].image must be NAME:TAG"
    ),
    (
      { $0["template"] = ["containers": [["name": "a/b", "image": "b:1"]]] },
      "spec.template.containers[0].name must be a name"
    ),
    (
      {
        $0["template"] = [
          "containers": [
            ["name": "a", "image": "b:1", "readinessProbe": ["httpGet": ["path": "/"]]]
          ]
        ]
      },
      "spec.template.containers[0].readinessProbe.httpGet.port is missing"
    ),
    (
      {
        $0["template"] = [
          "containers": [["name": "a", "image": "b:1"], ["name": "a", "image": "b:1"]]
        ]
      }, "spec.template has two containers named 'a'"
    ),
    (
      {
        $0["template"] = [
          "containers": [["name": "a", "image": "b:1"]],
          "initContainers": [["name": "i", "image": "b:1"]],
        ]
      }, "spec.template.initContainers[0] must have restartPolicy Always"
    ),
    ({ $0["volumes"] = ["data": "default/../x"] }, "spec.volumes.data must be NAMESPACE/NAME"),
  ]

  @Test("a mistake is refused with its path", arguments: mistakes.indices)
  func mistake(_ index: Int) {
    var object = Self.redis.object!
    Self.mistakes[index].change(&object)
    let error = #expect(throws: SpecError.self) { try StatefulSetSpec(.object(object)) }
    #expect(error?.description.hasPrefix(Self.mistakes[index].error) == true, "\(error as Any)")
  }

  @Test(
    "sizes are Kubernetes' quantities",
    arguments: [
      ("1", 1), ("64Mi", 64 << 20), ("10Gi", 10 << 30), ("5k", 5000), ("", nil), ("Mi", nil),
      ("1.5Gi", nil), ("-1", nil), ("9223372036854775807Ti", nil), ("1KiB", nil),
    ] as [(String, Int64?)])
  func quantities(_ text: String, _ bytes: Int64?) {
    #expect(VolumeClaimSpec.bytes(ofQuantity: text) == bytes)
  }

  @Test(
    "a key that could leave its directory is none",
    arguments: [
      "a", "a/", "/b", "a/b/c", "a/..", "../b", "a/.b", "a/B", "a/b ", "a/b\0", "a/-b", "",
    ])
  func badKeys(_ key: String) {
    #expect(ObjectName(key) == nil)
  }

  @Test("an import must be an absolute path that stays where it says")
  func imports() {
    #expect(throws: SpecError.self) { try VolumeClaimSpec(["storage": "1Mi", "import": "data"]) }
    #expect(throws: SpecError.self) {
      try VolumeClaimSpec(["storage": "1Mi", "import": "/srv/../etc"])
    }
    #expect(throws: Never.self) { try VolumeClaimSpec(["storage": "1Mi", "import": "/srv/data"]) }
  }
}

@Suite("Revisions")
struct RevisionTests {
  @Test("the order of members doesn't matter, every value does")
  func content() {
    let one: JSONValue = ["a": 1, "b": [["c": "x", "d": true]]]
    let same: JSONValue = ["b": [["d": true, "c": "x"]], "a": 1]
    let other: JSONValue = ["a": 1, "b": [["c": "y", "d": true]]]
    #expect(Revision.of(one) == Revision.of(same))
    #expect(Revision.of(one) != Revision.of(other))
  }

  @Test("the hash is FNV-1a, the same on every machine and in every version")
  func knownValues() {
    #expect(Revision.hash([]) == 0xcbf2_9ce4_8422_2325)
    #expect(Revision.hash("a".utf8) == 0xaf63_dc4c_8601_ec8c)
    #expect(Revision.of([:]).count == 16)
  }
}
