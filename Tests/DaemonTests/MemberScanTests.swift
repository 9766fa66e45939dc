import JSON
import Model
import Testing

@testable import Daemon

@Suite("A member is found in a document's text, and the store's version put into its metadata")
struct MemberScanTests {
  @Test(
    "the value stands where the range says",
    arguments: [
      (#"{"metadata":{}}"#, "{}"),
      (#"{"kind":"a","metadata":{"name":"b"},"spec":{}}"#, #"{"name":"b"}"#),
      (#"{"spec":{"metadata":{"no":1}},"metadata":{"a":[1,{"b":"}"}]}}"#, #"{"a":[1,{"b":"}"}]}"#),
      (#"{"a\"":"\\","b":[],"c":-1.5e3,"d":null,"metadata":{"n":"\"}"}}"#, #"{"n":"\"}"}"#),
      (#"{ "kind" : "a" , "metadata" : { "name" : "b" } , "x" : 1 }"#, #"{ "name" : "b" }"#),
      (#"{"metadata":"text","x":1}"#, #""text""#), (#"{"metadata":12,"x":1}"#, "12"),
      (#"{"a":[{"metadata":1}],"meta":1,"metadatas":2,"metadata":[3]}"#, "[3]"),
    ])
  func found(_ text: String, _ value: String) throws {
    let bytes = Array(text.utf8)
    let range = try #require(MemberScan.range(of: "metadata", in: bytes))
    #expect(String(decoding: bytes[range], as: UTF8.self) == value)
  }

  @Test(
    "nothing is found where it is not, nor in what is no object",
    arguments: [
      "", "{", "{}", "[]", "1", #""metadata""#, #"{"metadata"#, #"{"metadata":"#, #"{"metadata":{"#,
      #"{"metadata":"x"#, #"{"a":{"metadata":1}}"#, #"["metadata",{}]"#, #"{"metadata" 1}"#,
      #"{"a":"\"#,
    ])
  func absent(_ text: String) {
    #expect(MemberScan.range(of: "metadata", in: Array(text.utf8)) == nil)
  }

  @Test("a document is shown with the version, and otherwise as it is stored")
  func visible() throws {
    for metadata in [JSONValue.object(JSONObject()), ["name": "a", "labels": ["b": "c"]]] {
      let body: JSONValue = ["kind": "Box", "metadata": metadata, "spec": ["size": 1]]
      let shown = VisibleObject(
        StoredObject(
          key: ObjectKey(kind: "Box", namespace: "default", name: "a"), uid: "u", version: 42,
          body: body.serialized()))
      var members = try #require(metadata.object)
      members["resourceVersion"] = "42"
      let expected: JSONValue = [
        "kind": "Box", "metadata": .object(members), "spec": ["size": 1],
      ]
      #expect(shown.document == expected.serialized())
    }
  }

  @Test("a body that is no document is shown as it is")
  func unreadable() {
    let stored = StoredObject(
      key: ObjectKey(kind: "Box", namespace: "default", name: "a"), uid: "u", version: 1,
      body: Array("no JSON".utf8))
    #expect(VisibleObject(stored).document == stored.body)
  }
}
