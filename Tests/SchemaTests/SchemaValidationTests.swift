import JSON
import Testing

@testable import Model

@Suite("A schema tells valid from invalid values, and where the difference is")
struct SchemaValidationTests {
  static let node: JSONValue = [
    "type": "object",
    "required": ["image", "replicas"],
    "properties": [
      "image": ["type": "string", "minLength": 1, "maxLength": 20, "pattern": "^[a-z]+:[0-9.]+$"],
      "replicas": ["type": "integer", "minimum": 0, "maximum": 9, "default": 1],
      "ratio": ["type": "number", "minimum": 0.5],
      "paused": ["type": "boolean"],
      "storage": ["type": "string", "format": "quantity"],
      "timeout": ["type": "string", "format": "duration", "nullable": true],
      "mode": ["type": "string", "enum": ["Fast", "Safe"]],
      "ports": [
        "type": "array", "minItems": 1, "maxItems": 3,
        "items": [
          "type": "object",
          "properties": [
            "name": ["type": "string", "format": "dns-label"], "port": ["type": "integer"],
          ],
        ],
      ],
      "labels": ["type": "object", "additionalProperties": ["type": "string"]],
      "config": ["type": "object", "additionalProperties": true],
      "anything": ["description": "no type"],
    ],
  ]

  static func with(_ name: String, _ value: JSONValue) -> JSONValue {
    var object = JSONObject([("image", "redis:7.0"), ("replicas", 1)])
    object[name] = value
    return .object(object)
  }

  @Test(
    "values that satisfy the schema have no problems",
    arguments: [
      with("image", "a:1"), with("replicas", 9), with("ratio", 0.5), with("ratio", 2),
      with("paused", false), with("storage", "64Mi"), with("timeout", .null),
      with("timeout", "1h30m"), with("mode", "Safe"), with("ports", [["name": "x", "port": 1]]),
      with("labels", ["a.b/c": "d"]), with("labels", [:]),
      with("config", ["x": ["y": [1, .null]]]),
      with("anything", .null), with("anything", [1, "two", [:]]),
    ])
  func valid(_ value: JSONValue) throws {
    #expect(try Schema(Self.node).validate(value) == [])
  }

  @Test(
    "each rule is enforced at the path of what breaks it",
    arguments: [
      (with("image", 3), "image", "must be a string, is an integer"),
      (with("image", ""), "image", "at least 1 character, has 0"),
      (with("image", "abcdefghijklmnopqrst:1"), "image", "at most 20 characters, has 22"),
      (with("image", "redis"), "image", "must match"),
      (with("replicas", -1), "replicas", "must be at least 0, is -1"),
      (with("replicas", 10), "replicas", "must be at most 9, is 10"),
      (with("replicas", 1.0), "replicas", "must be an integer, is a number with a fraction"),
      (with("replicas", .null), "replicas", "must be an integer, is null"),
      (with("ratio", 0.25), "ratio", "at least 0.5"),
      (with("paused", "true"), "paused", "must be true or false, is a string"),
      (with("storage", "64 MB"), "storage", "a quantity such as"),
      (with("timeout", "soon"), "timeout", "a duration such as"),
      (with("mode", "safe"), "mode", #"must be one of "Fast", "Safe"; is "safe""#),
      (with("ports", []), "ports", "at least 1 element, has 0"),
      (with("ports", [[:], [:], [:], [:]]), "ports", "at most 3 elements, has 4"),
      (with("ports", [[:], ["name": "-a"]]), "ports[1].name", "a DNS label"),
      (with("ports", [["prot": 1]]), "ports[0].prot", "unknown field; expected one of name, port"),
      (with("labels", ["a.b": 1]), #"labels["a.b"]"#, "must be a string"),
      (with("imgae", "x"), "imgae", "unknown field; expected one of image"),
      (["image": "a:1"], "replicas", "is required"),
      ([], "", "must be an object, is a list"),
    ] as [(JSONValue, String, String)])
  func invalid(_ value: JSONValue, _ path: String, _ words: String) throws {
    let problems = try Schema(Self.node).validate(value)
    #expect(problems.map(\.path) == [path])
    #expect(problems.first?.message.contains(words) == true, "\(problems)")
  }

  @Test("several problems are told together, up to the limit")
  func several() throws {
    let schema = try Schema(Self.node)
    #expect(schema.validate(["image": 1, "replicas": "x", "oops": 1]).count == 3)
    let labels = JSONObject((0..<200).map { (name: "l\($0)", value: JSONValue.integer(1)) })
    let found = schema.validate(Self.with("labels", .object(labels)))
    #expect(found.count == Schema.maximumProblems)
  }

  @Test(
    "formats accept what Kubernetes and Go write and nothing else",
    arguments: [
      (
        SchemaFormat.quantity, ["0", "64Mi", "500m", "1.5", ".5", "1e3", "-2Gi", "12E"],
        ["", "Mi", "1 Mi", "1MB", "1.2.3", "0x10", "1e", "--1"]
      ),
      (
        SchemaFormat.duration, ["0", "30s", "1h30m", "1.5s", "250ms", "10us", "3ns"],
        ["", "30", "s", "-1s", "1d", "1h 30m", "1.s"]
      ),
      (
        SchemaFormat.dnsLabel, ["a", "0", "a-b", String(repeating: "a", count: 63)],
        ["", "-a", "a-", "A", "a.b", "é", String(repeating: "a", count: 64)]
      ),
    ])
  func formats(_ format: SchemaFormat, _ good: [String], _ bad: [String]) {
    for text in good { #expect(format.matches(text), "\(format) takes \(text)") }
    for text in bad { #expect(!format.matches(text), "\(format) refuses \(text)") }
  }

  @Test("integers are compared exactly where a Double could not tell them apart")
  func exactBounds() throws {
    let schema = try Schema(["type": "integer", "maximum": 9_007_199_254_740_992])
    #expect(schema.validate(9_007_199_254_740_992).isEmpty)
    #expect(schema.validate(9_007_199_254_740_993).count == 1)
  }

  @Test("a long text is cut where a message shows it")
  func shortMessages() throws {
    let schema = try Schema(["type": "string", "enum": ["a"]])
    let problem = try #require(schema.validate(.string(String(repeating: "x", count: 5000))).first)
    #expect(problem.message.count < 120)
  }
}

@Suite("Defaults fill in what is missing, as Kubernetes does")
struct SchemaDefaultsTests {
  static let schema: JSONValue = [
    "type": "object",
    "properties": [
      "replicas": ["type": "integer", "default": 1],
      "note": ["type": "string", "nullable": true, "default": "none"],
      "storage": [
        "type": "object", "default": [:],
        "properties": ["size": ["type": "string", "default": "1Gi"]],
      ],
      "probe": ["type": "object", "properties": ["path": ["type": "string", "default": "/"]]],
      "ports": [
        "type": "array",
        "items": [
          "type": "object", "properties": ["protocol": ["type": "string", "default": "TCP"]],
        ],
      ],
      "extra": [
        "type": "object",
        "additionalProperties": [
          "type": "object", "properties": ["on": ["type": "boolean", "default": true]],
        ],
      ],
    ],
  ]

  @Test(
    "each kind of gap is filled as it should be",
    arguments: [
      ([:], ["replicas": 1, "note": "none", "storage": ["size": "1Gi"]]),
      (["replicas": 3], ["replicas": 3, "note": "none", "storage": ["size": "1Gi"]]),
      (["replicas": .null], ["replicas": 1, "note": "none", "storage": ["size": "1Gi"]]),
      (["note": .null], ["note": .null, "replicas": 1, "storage": ["size": "1Gi"]]),
      (
        ["storage": ["size": "5Gi"], "probe": [:]],
        ["storage": ["size": "5Gi"], "probe": ["path": "/"], "replicas": 1, "note": "none"]
      ),
      (
        ["ports": [[:], ["protocol": "UDP"]], "extra": ["x": [:]]],
        [
          "ports": [["protocol": "TCP"], ["protocol": "UDP"]], "extra": ["x": ["on": true]],
          "replicas": 1, "note": "none", "storage": ["size": "1Gi"],
        ]
      ),
      (["oops": 1], ["oops": 1, "replicas": 1, "note": "none", "storage": ["size": "1Gi"]]),
      ([1], [1]),
    ] as [(JSONValue, JSONValue)])
  func filling(_ value: JSONValue, _ expected: JSONValue) throws {
    #expect(try Schema(Self.schema).applyingDefaults(value) == expected)
  }

  @Test("what was written keeps its order, and defaults follow in the schema's")
  func order() throws {
    let value = try Schema(Self.schema).applyingDefaults(["storage": [:], "note": "x"])
    #expect(value.object?.names == ["storage", "note", "replicas"])
  }

  @Test("applying defaults twice changes nothing more")
  func idempotence() throws {
    let schema = try Schema(Self.schema)
    let once = schema.applyingDefaults(["ports": [[:]]])
    #expect(schema.applyingDefaults(once) == once)
  }
}
