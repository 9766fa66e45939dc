import JSON

/// A Service: one stable address in front of the ready pods of a StatefulSet.
struct ServiceSpec: Equatable, Sendable {
  var selector: ObjectName
  var port: Int
  var targetPort: Int

  init(_ spec: JSONValue) throws(SpecError) {
    let reader = SpecReader(spec)
    try reader.members(only: ["selector", "port", "targetPort"])
    selector = try reader.required("selector").objectName()
    port = try reader.required("port").integer(in: 1...65535)
    targetPort = try reader.member("targetPort")?.integer(in: 1...65535) ?? port
  }
}

/// A PodEviction: the pod instance with this uid is gone, for ever.
struct PodEvictionSpec: Equatable, Sendable {
  var podUID: String

  init(_ spec: JSONValue) throws(SpecError) {
    let reader = SpecReader(spec)
    try reader.members(only: ["podUID"])
    let uid = try reader.required("podUID")
    podUID = try uid.string()
    guard !podUID.isEmpty else { throw uid.problem("must not be empty") }
  }
}
