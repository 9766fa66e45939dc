import JSON
import LinuxSystem

/// What is kept of a pod, so that the driver that starts next knows what it finds.
///
/// The template and the volumes' paths are the ones it was made with: a newer spec of its set
/// changes nothing of a pod that lives.
struct PodRecord: Sendable {
  struct Container: Equatable, Sendable {
    var name: String
    /// Processes that were begun.
    var runs = 0
    var isStarted = false
    var isReady = false
    /// How the last one ended; empty while none did.
    var lastExit = ""
  }

  struct Volume: Equatable, Sendable {
    var name: String
    var claim: ObjectName
    var path: String
  }

  var name: ObjectName
  var uid: String
  var set: ObjectName
  var ordinal: Int
  var revision: String
  var address: String
  var templateDocument: JSONValue
  var template: PodTemplate
  var volumes: [Volume]
  var isStopping = false
  var containers: [Container]

  var document: JSONValue {
    [
      "uid": .string(uid), "set": .string(set.description), "ordinal": .integer(Int64(ordinal)),
      "revision": .string(revision), "address": .string(address), "stopping": .bool(isStopping),
      "volumes": .array(
        volumes.map {
          [
            "name": .string($0.name), "claim": .string($0.claim.description),
            "path": .string($0.path),
          ]
        }),
      "containers": .array(
        containers.map {
          [
            "name": .string($0.name), "runs": .integer(Int64($0.runs)),
            "started": .bool($0.isStarted), "ready": .bool($0.isReady),
            "lastExit": .string($0.lastExit),
          ]
        }),
      "template": templateDocument,
    ]
  }
}

extension PodRecord {
  /// Nil where the document isn't one that `document` made.
  init?(name: ObjectName, _ document: JSONValue) {
    guard let uid = document["uid"]?.string,
      let set = document["set"]?.string.flatMap({ ObjectName($0) }),
      let ordinal = document["ordinal"]?.integer.flatMap({ Int(exactly: $0) }),
      let revision = document["revision"]?.string, let address = document["address"]?.string,
      let templateDocument = document["template"],
      let template = try? PodTemplate(SpecReader(templateDocument)),
      let volumes = document["volumes"]?.array?.map(Self.volume),
      let containers = document["containers"]?.array?.map(Self.container),
      containers.map(\.?.name) == template.all.map(\.name)
    else { return nil }
    self.init(
      name: name, uid: uid, set: set, ordinal: ordinal, revision: revision, address: address,
      templateDocument: templateDocument, template: template,
      volumes: volumes.compactMap(\.self), isStopping: document["stopping"]?.bool ?? false,
      containers: containers.compactMap(\.self))
  }

  private static func volume(_ document: JSONValue) -> Volume? {
    guard let name = document["name"]?.string, let path = document["path"]?.string,
      let claim = document["claim"]?.string.flatMap({ ObjectName($0) })
    else { return nil }
    return Volume(name: name, claim: claim, path: path)
  }

  private static func container(_ document: JSONValue) -> Container? {
    guard let name = document["name"]?.string else { return nil }
    return Container(
      name: name, runs: Int(clamping: document["runs"]?.integer ?? 0),
      isStarted: document["started"]?.bool ?? false, isReady: document["ready"]?.bool ?? false,
      lastExit: document["lastExit"]?.string ?? "")
  }
}

extension DataDirectory {
  func save(_ pod: PodRecord) throws(SystemError) {
    try StoredDocument.write(pod.document, to: podRecord(pod.name))
  }

  func podRecords() throws -> [PodRecord] {
    try names(in: pods).map { name in
      let path = podRecord(name)
      guard let record = PodRecord(name: name, try StoredDocument.read(path)) else {
        throw StoredDocument.Damage(path: path, problem: "is no record of a pod")
      }
      return record
    }
  }
}
