import JSON
import Testing

@testable import Model

private let resource: JSONValue = [
  "metadata": ["name": "one", "namespace": "default"],
  "spec": [
    "image": "redis:7.0", "port": 6379, "fast": true, "args": ["--a", "${spec.image}"],
    "config": ["maxmemory": "64mb", "nested": ["text": "$${x}"]],
    "sneaky": "${tasks.secret.outputs.key}", "dollar": "$", "dollars": "5$$",
    "brace": "{tasks.secret.outputs.key}", "nothing": .null,
  ],
  "status": ["path": "/data"],
]

private func outputs(_ task: String) -> JSONValue? {
  ["apply": ["url": "http://x", "port": 7070, "list": [1, 2]], "secret": ["key": "s3cret"]][task]
}

/// Both resolutions, as a task goes through them.
private func resolved(_ template: JSONValue) throws -> JSONValue {
  try Template.complete(Template.stamp(template, resource: resource), outputs: outputs)
}

private func failure(_ body: () throws -> JSONValue) -> String? {
  do {
    _ = try body()
    return nil
  } catch let error as TemplateError {
    return error.path + ": " + error.message
  } catch {
    return "\(error)"
  }
}

@Suite("Params are resolved against the resource, then against outputs")
struct TemplateTests {
  @Test(
    "a string that is one reference takes the value with its type",
    arguments: [
      ("${spec.image}", "redis:7.0"), ("${spec.port}", 6379), ("${spec.fast}", true),
      ("${spec.config.maxmemory}", "64mb"), ("${metadata.name}", "one"),
      ("${status.path}", "/data"), ("${tasks.apply.outputs.url}", "http://x"),
      ("${tasks.apply.outputs.port}", 7070), ("${tasks.apply.outputs.list}", [1, 2]),
      ("${tasks.apply.outputs.list[1]}", 2),
    ] as [(JSONValue, JSONValue)])
  func wholeValues(_ template: JSONValue, _ expected: JSONValue) throws {
    #expect(try resolved(template) == expected)
  }

  @Test(
    "inside a longer text scalars stand as text",
    arguments: [
      ("${metadata.namespace}/${metadata.name}", "default/one"),
      ("port ${spec.port}, fast ${spec.fast}", "port 6379, fast true"),
      ("${tasks.apply.outputs.url}/${metadata.name}", "http://x/one"),
      ("[${spec.absent?}]", "[]"), ("plain", "plain"), ("", ""),
      ("$(POD_IP) costs 5$", "$(POD_IP) costs 5$"),
    ] as [(JSONValue, JSONValue)])
  func interpolation(_ template: JSONValue, _ expected: JSONValue) throws {
    #expect(try resolved(template) == expected)
  }

  @Test(
    "an escape writes what would be a reference",
    arguments: [
      ("$${spec.image}", "${spec.image}"), ("$$${spec.image}", "$${spec.image}"),
      ("a $${ b", "a ${ b"), ("${$}${spec.image}", "$redis:7.0"),
      ("${$}${tasks.apply.outputs.url}", "$http://x"), ("${$}{x}", "${x}"), ("$$", "$$"),
    ] as [(JSONValue, JSONValue)])
  func escapes(_ template: JSONValue, _ expected: JSONValue) throws {
    #expect(try resolved(template) == expected)
  }

  @Test(
    "inserted text is never resolved again, wherever it meets other text",
    arguments: [
      ("${spec.sneaky}", "${tasks.secret.outputs.key}"),
      ("<${spec.sneaky}>", "<${tasks.secret.outputs.key}>"),
      ("${spec.dollar}${spec.brace}", "${tasks.secret.outputs.key}"),
      ("${spec.dollar}{tasks.secret.outputs.key}", "${tasks.secret.outputs.key}"),
      ("${spec.dollar}${spec.absent?}${spec.brace}", "${tasks.secret.outputs.key}"),
      ("${spec.dollar}${tasks.apply.outputs.url}", "$http://x"),
      ("${spec.dollars}${tasks.apply.outputs.url}", "5$$http://x"),
      ("${spec.dollar}${spec.dollar}${tasks.apply.outputs.url}$", "$$http://x$"),
      (
        "${spec.config}", ["maxmemory": "64mb", "nested": ["text": "$${x}"]]
      ),
      ("${spec.args}", ["--a", "${spec.image}"]),
    ] as [(JSONValue, JSONValue)])
  func noSecondResolution(_ template: JSONValue, _ expected: JSONValue) throws {
    #expect(try resolved(template) == expected)
  }

  @Test("what stamping leaves reads the same when it is stamped again")
  func stampingIsStable() throws {
    let texts: [JSONValue] = [
      "${spec.dollar}${tasks.apply.outputs.url}", "$${x}", "${spec.sneaky}",
      "${spec.dollars}$${a}${$}${tasks.apply.outputs.url}",
    ]
    for text in texts {
      let once = try Template.stamp(text, resource: resource)
      #expect(try Template.stamp(once, resource: resource) == once)
    }
  }

  @Test("stamping leaves references to outputs for later")
  func later() throws {
    #expect(
      try Template.stamp("${tasks.apply.outputs.url}", resource: resource)
        == "${tasks.apply.outputs.url}")
    #expect(
      try Template.stamp("${metadata.name} ${tasks.apply.outputs.url?}", resource: resource)
        == "one ${tasks.apply.outputs.url?}")
  }

  @Test("an optional reference without a value leaves its member or element out")
  func optional() throws {
    let template: JSONValue = [
      "a": "${spec.absent?}", "b": ["${spec.absent?}", "${spec.image?}"],
      "c": "${tasks.apply.outputs.absent?}", "d": "${tasks.none.outputs.absent?}",
    ]
    #expect(try resolved(template) == ["b": ["redis:7.0"]])
  }

  @Test(
    "what can't be resolved is told with its place",
    arguments: [
      (["a": "${spec.absent}"], ".a: ${spec.absent} has no value"),
      (["a": ["x", "y ${spec.absent}"]], ".a[1]: ${spec.absent} has no value"),
      (["a": "x ${spec.config}"], ".a: ${spec.config} is no scalar and can't stand inside a text"),
      (
        ["a": "x ${spec.nothing}"], ".a: ${spec.nothing} is no scalar and can't stand inside a text"
      ),
      ("${tasks.none.outputs.url}", ": ${tasks.none.outputs.url} has no value"),
      ("${spec.image", ": \"${spec.image\" has no closing brace"),
    ] as [(JSONValue, String)])
  func unresolved(_ template: JSONValue, _ message: String) {
    #expect(failure { try resolved(template) } == message)
  }

  @Test(
    "a reference to nothing known is refused",
    arguments: [
      "${env.HOME}", "${}", "${tasks.apply}", "${tasks.apply.outputs}", "${tasks.apply.state.x}",
      "${ spec.image }", "${spec..image}", "${?}",
    ])
  func unknown(_ text: String) {
    #expect(throws: TemplateError.self) { try Template.references(in: .string(text)) }
  }

  @Test("all references of a document are found")
  func references() throws {
    let found = try Template.references(in: [
      "a": "${spec.image} ${tasks.apply.outputs.url?}", "b": ["$${spec.no}", "${status.path}"],
    ])
    #expect(found.map(\.text) == ["spec.image", "tasks.apply.outputs.url?", "status.path"])
    #expect(found.map(\.isOptional) == [false, true, false])
  }
}
