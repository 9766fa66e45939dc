import ConformanceKit
import Glibc
import JSON
import LinuxSystem
import SwitchboardDefects
import TTRPC
import TestPlaces

/// Programs of this build, as the kit is to test them.
enum Subjects {
  /// The plugin that breaks the rule that it is told to break.
  static func switchboard(_ defect: Defect?) throws -> ConformanceSubject {
    var subject = try program("switchboard-plugin", name: "switchboard")
    if let defect { subject.environment[Defect.variable] = defect.rawValue }
    subject.samples = try Samples(samples)
    return subject
  }

  static func program(_ executable: String, name: String) throws -> ConformanceSubject {
    ConformanceSubject(
      .program(path: BuiltProducts.path(executable), arguments: []), name: name,
      version: "1.0.0")
  }

  private static let samples: JSONValue = [
    "tasks": [
      "note": [
        "good": ["file": "${scratch}/note", "text": "a"],
        "other": ["file": "${scratch}/note", "text": "b"], "bad": [["file": 7, "text": "a"]],
        "effect": ["lines": "${scratch}/note"],
      ],
      "undo": [
        "good": ["file": "${scratch}/undo"], "bad": [["file": 7]],
        "effect": ["lines": "${scratch}/undo"],
      ],
      "slow": ["slow": [:]],
      "plan": ["good": ["size": 3], "bad": [["size": "large"]]],
      "bare": ["good": [:]],
      "chatty": ["chatty": [:]],
    ],
    "driver": [
      "target": "here",
      "intents": [
        ["kind": "Flag", "key": "default/${id}", "spec": ["size": 1]],
        ["kind": "Label", "key": "default/${id}", "spec": ["text": "a"]],
      ],
    ],
  ]
}

/// Runs cases on a loop of their own.
func conformance(
  _ subject: ConformanceSubject, _ options: ConformanceOptions
) async throws -> ConformanceReport {
  let loop = try EventLoop.startThread("conformance")
  defer { loop.stop() }
  return try await withTaskExecutorPreference(loop) {
    try await ConformanceRunner(subject, options: options, on: loop).run()
  }
}

func quick() -> ConformanceOptions {
  var options = ConformanceOptions()
  options.effort = .quick
  return options
}

/// What failed, and how, so that a failure of a test can be read.
func list(_ report: ConformanceReport) -> String {
  report.results.filter { report.failures.contains($0.id) }.map(\.text).joined(separator: "\n")
}
