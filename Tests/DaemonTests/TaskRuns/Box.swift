import JSON

@testable import Daemon
@testable import Model
@testable import Planning

/// A kind whose plans are what its spec says, each task one phase of `ScriptedTasks`.
enum Box {
  static let kind = "Box"
  static let key = ObjectKey(kind: kind, namespace: "default", name: "box")

  /// `make` stays half done when it fails; `grow` is rolled back.
  static let blueprint: Blueprint = {
    let make: JSONValue = [
      "name": "make", "when": ["phaseIn": ["Pending", "Making"]], "activePhase": "Making",
      "targetPhase": "Made",
      "tasks": [
        [
          "name": "first", "type": "Scripted", "params": "${spec.first}",
          "outputs": ["size": "status.size"],
        ],
        ["name": "second", "type": "Scripted", "params": "${spec.second}"],
      ],
    ]
    let grow: JSONValue = [
      "name": "grow",
      "when": [
        "phaseIn": ["Made"], "drift": [["desired": "spec.size", "observed": "status.size"]],
      ],
      "onFailure": "Rollback",
      "tasks": [
        [
          "name": "first", "type": "Scripted", "params": "${spec.first}",
          "outputs": ["size": "status.size"],
        ],
        ["name": "second", "type": "Scripted", "params": "${spec.second}"],
      ],
      "restore": [
        ["name": "restore", "type": "Scripted", "params": ["set": ["t2/size": "${status.size}"]]]
      ],
    ]
    let spec: JSONValue = [
      "kind": .string(kind), "target": "t1",
      "schema": ["type": "object", "additionalProperties": true], "plans": [make, grow],
    ]
    do {
      return try Blueprint(spec: JSONReader(spec))
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  /// Its `first` puts `size` on t1 and says so in the status; its `second` is as given.
  static func spec(size: Int64, second: JSONValue) -> JSONValue {
    [
      "size": .integer(size),
      "first": ["set": ["t1/size": .integer(size)], "outputs": ["size": .integer(size)]],
      "second": second,
    ]
  }
}

extension RunWorld {
  /// Changes what is asked for, as an apply does.
  func apply(_ spec: JSONValue) async throws {
    try await change(key: Box.key) { resource in
      resource.spec = spec
      resource.metadata.generation += 1
      return .change
    }
  }

  /// Asks for the end of a plan of the box, as the host's API does.
  func annotate(_ annotation: String, _ plan: String) async throws {
    try await change(key: Box.key) { resource in
      resource.metadata.annotate(annotation, plan)
      return .change
    }
  }
}
