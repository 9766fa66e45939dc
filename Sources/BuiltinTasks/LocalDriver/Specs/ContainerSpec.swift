import JSON

/// One supervised process of a pod.
struct ContainerSpec: Equatable, Sendable {
  struct Variable: Equatable, Sendable {
    var name: String
    var value: String
  }

  var name: String
  /// `NAME:TAG`, found by `ImageCatalog`.
  var image: ImageName
  /// Replaces the image's executable where present; the first is an absolute path.
  var command: [String]
  var arguments: [String]
  var environment: [Variable]
  /// Until it passes, the container isn't started and nothing that waits for it begins.
  var startupProbe: ProbeSpec?
  /// While it fails, the pod isn't ready.
  var readinessProbe: ProbeSpec?

  init(_ place: SpecReader) throws(SpecError) {
    try place.members(only: [
      "name", "image", "command", "args", "env", "restartPolicy", "startupProbe",
      "readinessProbe",
    ])
    name = try place.required("name").partName()
    let imagePlace = try place.required("image")
    guard let image = ImageName(try imagePlace.string()) else {
      throw imagePlace.problem("must be NAME:TAG, such as redis:7.0, in lower-case letters")
    }
    self.image = image
    command = try Self.strings(place.member("command"))
    if let program = command.first, !program.hasPrefix("/") {
      throw SpecError(
        path: "\(place.path).command[0]", problem: "must be an absolute path, not '\(program)'")
    }
    arguments = try Self.strings(place.member("args"))
    environment = []
    for reader in try place.member("env")?.elements() ?? [] {
      environment.append(try Self.variable(reader))
    }
    if let policy = place.member("restartPolicy"), try policy.string() != "Always" {
      throw policy.problem("must be Always")
    }
    startupProbe = try place.member("startupProbe").map { place throws(SpecError) in
      try ProbeSpec(place)
    }
    readinessProbe = try place.member("readinessProbe").map { place throws(SpecError) in
      try ProbeSpec(place)
    }
  }

  private static func strings(_ place: SpecReader?) throws(SpecError) -> [String] {
    var strings: [String] = []
    for reader in try place?.elements() ?? [] { strings.append(try reader.string()) }
    return strings
  }

  private static func variable(_ place: SpecReader) throws(SpecError) -> Variable {
    try place.members(only: ["name", "value"])
    let nameText = try place.required("name")
    let name = try nameText.string()
    guard !name.isEmpty, !name.contains("=") else {
      throw nameText.problem("must be a variable's name, without '='")
    }
    return Variable(name: name, value: try place.member("value")?.string() ?? "")
  }
}

/// `NAME:TAG` of an executable in one of the image directories.
struct ImageName: Equatable, Sendable, CustomStringConvertible {
  let name: String
  let tag: String

  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let folders = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, folders.allSatisfy({ ObjectName.isValidPart(String($0)) }),
      !parts[1].isEmpty, parts[1] != ".", parts[1] != "..", !parts[1].contains("/"),
      !parts[1].utf8.contains(0)
    else { return nil }
    name = parts[0]
    tag = parts[1]
  }

  var description: String { "\(name):\(tag)" }
}

/// How to ask a container whether it is started or ready.
struct ProbeSpec: Equatable, Sendable {
  enum Question: Equatable, Sendable {
    /// GET answers 200 to 399.
    case http(path: String, port: Int)
    /// The port accepts a connection.
    case tcp(port: Int)
  }

  static let defaultPeriodMilliseconds = 1000
  static let defaultTimeoutMilliseconds = 1000
  static let defaultFailureThreshold = 3

  var question: Question
  var periodMilliseconds: Int
  var timeoutMilliseconds: Int
  /// Consecutive failures until a ready container counts as not ready.
  var failureThreshold: Int

  init(_ place: SpecReader) throws(SpecError) {
    try place.members(only: [
      "httpGet", "tcpSocket", "periodMilliseconds", "timeoutMilliseconds", "failureThreshold",
    ])
    switch (place.member("httpGet"), place.member("tcpSocket")) {
    case (let get?, nil):
      try get.members(only: ["path", "port"])
      question = .http(path: try Self.path(get), port: try Self.port(get))
    case (nil, let socket?):
      try socket.members(only: ["port"])
      question = .tcp(port: try Self.port(socket))
    default: throw place.problem("must have one of httpGet and tcpSocket")
    }
    periodMilliseconds =
      try place.member("periodMilliseconds")?.integer(in: 10...3_600_000)
      ?? Self.defaultPeriodMilliseconds
    timeoutMilliseconds =
      try place.member("timeoutMilliseconds")?.integer(in: 10...60_000)
      ?? Self.defaultTimeoutMilliseconds
    failureThreshold =
      try place.member("failureThreshold")?.integer(in: 1...1000) ?? Self.defaultFailureThreshold
  }

  private static func port(_ place: SpecReader) throws(SpecError) -> Int {
    try place.required("port").integer(in: 1...65535)
  }

  private static func path(_ place: SpecReader) throws(SpecError) -> String {
    guard let member = place.member("path") else { return "/" }
    let path = try member.string()
    guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw member.problem("must begin with '/' and contain neither spaces nor control characters")
    }
    return path
  }
}
