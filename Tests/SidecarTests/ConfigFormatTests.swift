import JSON
import Testing

@testable import SidecarAgent

@Suite("How a configuration becomes a file")
struct ConfigFormatTests {
  struct Rendering: Sendable {
    var format: ConfigFormat
    var config: JSONValue
    var text: String
  }

  @Test(
    "each format renders its own way",
    arguments: [
      Rendering(
        format: .space, config: ["save": "900 1", "appendonly": true, "databases": 16],
        text: "appendonly yes\ndatabases 16\nsave \"900 1\"\n"),
      Rendering(format: .space, config: ["requirepass": ""], text: "requirepass \"\"\n"),
      Rendering(
        format: .equals, config: ["ratio": 0.5, "fsync": false, "path": "/a b"],
        text: "fsync=false\npath=\"/a b\"\nratio=0.5\n"),
      Rendering(
        format: .json, config: ["b": 1, "a": "x y"], text: #"{"a":"x y","b":1}"# + "\n"),
      Rendering(format: .space, config: [:], text: ""),
    ])
  func renders(_ rendering: Rendering) throws {
    let config = try #require(rendering.config.object)
    #expect(
      String(decoding: try rendering.format.render(config), as: UTF8.self) == rendering.text)
  }

  @Test(
    "no value can begin a line of its own", arguments: [ConfigFormat.space, .equals])
  func valuesStayOnTheirLine(_ format: ConfigFormat) throws {
    let values = ["a\nb c", "a\r\nb", "\"; x", "\\\n", "\u{1}", "#", "\u{2028}x"]
    for value in values {
      let bytes = try format.render(JSONObject([("key", .string(value))]))
      #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1, "\(value.debugDescription)")
      #expect(bytes.last == UInt8(ascii: "\n"))
      #expect(!bytes.dropLast().contains { $0 < 0x20 })
    }
  }

  @Test(
    "what a file can't carry is refused with its path",
    arguments: [
      (["a b": 1], "config.a b"), (["": 1], "config."), (["-x": 1], "config.-x"),
      (["x": .null], "config.x"), (["x": [1]], "config.x"), (["x": ["y": 1]], "config.x"),
      (["x\ny": 1], "config.x\ny"),
    ] as [(JSONValue, String)])
  func refuses(_ config: JSONValue, _ path: String) throws {
    let config = try #require(config.object)
    for format in ConfigFormat.allCases {
      let problem = #expect(throws: ConfigProblem.self) { try format.render(config) }
      #expect(problem?.path == path)
    }
  }
}
