import ConformanceKit
import Devices
import Glibc
import JSON
import LinuxSystem
import TestPlaces
import Testing

@Suite("The plugins that ship obey the protocol")
struct BuiltinPluginTests {
  @Test("the SDK's example, with all samples that it can have")
  func files() async throws {
    let report = try await conformance(Self.sampledFiles(), quick())
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  @Test(
    "the cases are data, and each runs by itself",
    arguments: ConformanceCase.all.filter { $0.id.hasPrefix("idempotency.") })
  func alone(_ one: ConformanceCase) async throws {
    var options = quick()
    options.focus = [one.id]
    let report = try await conformance(Self.sampledFiles(), options)
    #expect(report.results.map(\.id) == [one.id])
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  @Test("workload, which acts through intents")
  func workload() async throws {
    var subject = try Subjects.program("workload-plugin", name: "workload")
    let bad: JSONValue = [["name": 7], []]
    subject.samples = try Samples([
      "tasks": [
        "ensure-data-pvc": ["good": ["name": "data-${id}", "storage": "64Mi"], "bad": bad],
        "apply-service": [
          "good": ["name": "a", "statefulSet": "b", "targetPort": 6379], "bad": bad,
        ],
        "observe-image": ["bad": bad], "replace-pod": ["bad": bad],
      ]
    ])
    let report = try await conformance(subject, quick())
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  @Test("sidecar, whose tasks talk to a server that is not there")
  func sidecar() async throws {
    var subject = try Subjects.program("sidecar-plugin", name: "sidecar")
    subject.samples = try Samples([
      "tasks": ["mark-ready": ["bad": [["url": 7], [:]]], "config-apply": ["bad": [["url": 7]]]]
    ])
    let report = try await conformance(subject, quick())
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  @Test("local, which is a driver")
  func local() async throws {
    var subject = try Subjects.program("local-plugin", name: "local")
    subject.samples = try Samples([
      "driver": [
        "target": "local",
        "intents": [
          [
            "kind": "PersistentVolumeClaim", "key": "default/${id}",
            "spec": ["storage": "1Mi"],
          ]
        ],
      ]
    ])
    let report = try await conformance(subject, quick())
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  @Test("groups, whose tasks are expanded into phases that act through intents")
  func groups() async throws {
    var subject = try Subjects.program("groups-plugin", name: "groups")
    let member: JSONValue = ["group": "g", "keySet": "k", "node": "n"]
    let bad: JSONValue = [["group": 7], ["group": "g"]]
    subject.samples = try Samples([
      "tasks": [
        "AddNodeToGroup": ["good": member, "bad": bad],
        "RemoveNodeFromGroup": ["good": member, "bad": bad],
        "RotateGroupKey": ["bad": [["keySet": "k"]]],
      ]
    ])
    let report = try await conformance(subject, quick())
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  @Test("devices, a driver whose targets are processes of their own")
  func devices() async throws {
    let directory = TemporaryDirectory()
    let fleet = FleetPlace("\(directory.path)/fleet")
    try fleet.make()
    let device = try spawn(
      ProcessSpec(
        .path(BuiltProducts.path("mortise-device")),
        arguments: ["mortise-device", "run", "--fleet", fleet.root, "lamp"]))
    defer { _ = try? device.pidfd.signal(SIGKILL) }
    var subject = try Subjects.program("devices-plugin", name: "devices")
    subject.samples = try Samples([
      "config": ["fleet": .string(fleet.root)],
      "driver": [
        "target": "lamp",
        "intents": [
          [
            "kind": "GroupKeySet", "key": "set-${id}",
            "spec": ["epochs": [["key": "k1", "start": "always"]]],
          ],
          ["kind": "GroupKeyMap", "key": "group-${id}", "spec": ["keySet": "set-${id}"]],
          [
            "kind": "GroupMembership", "key": "group-${id}/1",
            "spec": ["group": "group-${id}", "endpoint": 1],
          ],
        ],
      ],
    ])
    let report = try await conformance(subject, quick())
    #expect(report.failures.isEmpty, "\(list(report))")
  }

  private static func sampledFiles() throws -> ConformanceSubject {
    var subject = try Subjects.program("files-plugin", name: "files")
    subject.samples = try Samples([
      "tasks": [
        "write-file": [
          "good": ["path": "${scratch}/file", "content": "a"],
          "other": ["path": "${scratch}/file", "content": "b"],
          "bad": [["path": 7, "content": "a"], [:]], "effect": ["entries": "${scratch}"],
        ],
        "await-file": ["slow": ["path": "${scratch}/never"], "bad": [["path": []]]],
      ]
    ])
    return subject
  }
}
