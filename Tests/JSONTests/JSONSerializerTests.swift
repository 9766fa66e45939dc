import JSON
import Testing

@Suite struct JSONSerializerTests {
  @Test(
    "values are written compactly",
    arguments: [
      (.null, "null"), (true, "true"), (-3, "-3"), (.integer(.min), "-9223372036854775808"),
      (1.0, "1.0"), (0.1, "0.1"), (1e300, "1e+300"), (.number(.infinity), "null"),
      (.number(.nan), "null"), ("a\"\\\n\r\t\u{1}\u{1f}é/", #""a\"\\\n\r\t\u0001\u001fé/""#),
      ([], "[]"), ([1, [2], [:]], "[1,[2],{}]"), (["b": 1, "a": .null], #"{"b":1,"a":null}"#),
    ] as [(JSONValue, String)])
  func compact(_ value: JSONValue, _ expected: String) {
    #expect(value.description == expected)
  }

  @Test("a value is appended to what the bytes hold already")
  func appends() {
    var bytes = Array("x=".utf8)
    JSONValue.array([1, 2]).serialize(into: &bytes)
    #expect(bytes == Array("x=[1,2]".utf8))
  }

  @Test("for people a value is spread over lines")
  func pretty() {
    let value: JSONValue = ["a": [1, [:]], "b": [], "c": ["d": "e"]]
    #expect(
      value.prettyPrinted() == """
        {
          "a": [
            1,
            {}
          ],
          "b": [],
          "c": {
            "d": "e"
          }
        }
        """)
  }
}

@Suite struct JSONValueTests {
  @Test("objects are equal whatever the order of their members")
  func equality() {
    #expect(["a": 1, "b": [2]] as JSONValue == ["b": [2], "a": 1])
    #expect(["a": 1, "b": 2] as JSONValue != ["a": 2, "b": 1])
    #expect(["a": 1, "b": 2] as JSONValue != ["a": 1, "c": 2])
    #expect(["a": 1] as JSONValue != ["a": 1, "b": 2])
    #expect(JSONValue.integer(1) == .number(1))
    #expect(JSONValue.string("1") != 1)
  }

  @Test("members are set, replaced in place and removed")
  func members() {
    var object = JSONObject([("a", 1), ("b", 2)])
    object["a"] = 3
    object["c"] = 4
    object["b"] = nil
    #expect(JSONValue.object(object).description == #"{"a":3,"c":4}"#)
  }
}
