internal import Daemon
internal import JSON
internal import Model
internal import PluginProto
internal import TTRPC

extension CommandTable {
  private static let clientOption = Option(flag: "client", "This program's alone; no host is asked")

  static let version = Command(
    name: "version", summary: "print this program's version, and the host's",
    details: ["A host that does not answer is said to be away, and is no failure."],
    options: [clientOption, documentOption],
    examples: [
      Command.Example("mortise version", "Are program and host the same?"),
      Command.Example("mortise version --client", "Which one is this?"),
    ],
    action: .onLoop { invocation, link throws(CommandFailure) in
      var link = link
      link.patience = .zero
      let isAsked = !invocation.arguments.has(clientOption)
      let host = isAsked ? try await hostVersion(link) : nil
      if let text = try OutputFormat(invocation.arguments).document(document(host)) {
        try invocation.console.write(text)
        return .ok
      }
      try invocation.console.print("mortise \(HostVersion.current)")
      guard isAsked else { return .ok }
      guard let host else {
        try invocation.console.print("no host answers at \(link.socketPath)")
        return .ok
      }
      let age = ElapsedText.age(
        of: Timestamp(milliseconds: host.startedUnixMS), at: invocation.surroundings.now())
      try invocation.console.print("host    \(host.version), for \(age), at \(link.socketPath)")
      return .ok
    })

  /// Nil where none answers.
  private static func hostVersion(_ link: HostLink) async throws(CommandFailure)
    -> HostV1.VersionReply?
  {
    do throws(CommandFailure) {
      return try await link.asking { session throws(CommandFailure) in try await session.version() }
    } catch {
      guard error.code == .unreachable else { throw error }
      return nil
    }
  }

  private static func document(_ host: HostV1.VersionReply?) -> JSONValue {
    var object = JSONObject([("client", ["version": .string(HostVersion.current)])])
    if let host {
      object["host"] = [
        "version": .string(host.version),
        "startedAt": .string(Timestamp(milliseconds: host.startedUnixMS).description),
      ]
    }
    return .object(object)
  }
}

extension HostSession {
  /// - Throws: exit code 5 of a host that is older than the question.
  func version() async throws(CommandFailure) -> HostV1.VersionReply {
    try await call(HostV1.Host.version, HostV1.VersionRequest(), about: nil)
  }
}
