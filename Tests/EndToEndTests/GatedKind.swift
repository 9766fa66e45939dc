import JSON
import Testing

/// A kind whose first task ends when a file is there, for what happens while a task is under way.
enum GatedKind {
  static let name = "Gated"

  /// - Parameter second: the task that follows; its phase is Recorded then.
  static func blueprint(second: String = "{name: second, type: record}") -> String {
    """
    apiVersion: mortise.dev/v1
    kind: Blueprint
    metadata: {name: gated}
    spec:
      kind: \(name)
      target: local
      schema: {type: object, properties: {gate: {type: string}}}
      plans:
        - name: record
          when: {phaseIn: [Pending]}
          targetPhase: Recorded
          tasks:
            - {name: first, type: record, params: {gate: "${spec.gate}"}}
            - \(second)
    """
  }

  /// - Parameter gate: path of the file.
  static func apply(_ object: String, gate: String, to host: RunningHost) async throws {
    try await host.apply(
      text: """
        {apiVersion: mortise.dev/v1, kind: \(name), metadata: {name: \(object)}, spec: {gate: \(gate)}}
        """)
  }

  static func isDone(_ object: JSONValue?) -> Bool {
    object?["status"]?["phase"]?.string == "Recorded" && object?["status"]?["plan"] == nil
  }
}
