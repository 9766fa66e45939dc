import JSON
import Model
import PluginSDK
import Testing

@testable import Sidecar

/// Schemas and Codable types are two statements of one shape: these tests keep them one.
@Suite("The schemas of the sidecar's tasks")
struct SchemaTests {
  @Test("params and outputs are what their schemas say")
  func shapes() {
    let url: JSONValue = "http://127.77.0.1:7070"
    #expect(
      ConfigApply.schemaProblems(
        params: ["url": url, "config": ["a": "1", "b": [true]]],
        outputs: ["hash": "h", "bytes": 1, "changed": true, "config": ["a": 1]]) == [])
    #expect(
      ConfigValidate.schemaProblems(params: ["url": url], outputs: ["hash": "h"]) == [])
    #expect(MarkReady.schemaProblems(params: ["url": url], outputs: ["ready": true]) == [])
    #expect(MarkNotReady.schemaProblems(params: ["url": url], outputs: ["ready": true]) == [])
  }

  @Test(
    "an agent's address is a plain HTTP one",
    arguments: [
      "https://a:1", "http://a", "http://a:1/x", "a:1", "file:///etc/passwd", "http://u@a:1",
    ])
  func address(_ url: String) throws {
    #expect(!(try Schema(AgentParams.schema)).validate(["url": .string(url)]).isEmpty)
  }
}
