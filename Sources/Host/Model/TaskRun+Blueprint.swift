internal import JSON

extension Blueprint {
  /// What the host itself knows of TaskRuns as it does of taught kinds: the spec's shape and columns.
  /// It has no plans: those are made of what the task's plugin says.
  public static let taskRun: Blueprint = {
    do {
      return Blueprint(
        resourceKind: TaskRun.kind, plural: "taskruns", initialPhase: "Pending", target: "",
        targetPath: nil, schema: try Schema(specSchema),
        printerColumns: [
          PrinterColumn(name: "TYPE", path: "spec.type"),
          PrinterColumn(name: "RUN", path: "status.run"),
          PrinterColumn(name: "STATE", path: "status.state"),
          PrinterColumn(name: "REVERT", path: "status.revert.state"),
        ], plans: [], conditions: [])
    } catch {
      preconditionFailure("the shape of TaskRuns: \(error)")
    }
  }()

  private static let specSchema: JSONValue = [
    "type": "object", "required": ["type"],
    "properties": [
      "type": ["type": "string", "minLength": 1, "maxLength": 253],
      "params": ["type": "object", "additionalProperties": true],
      "externalId": ["type": "string", "maxLength": 253],
      "target": ["type": "string", "maxLength": 253],
      "timeoutSeconds": ["type": "integer", "minimum": 1, "maximum": 31_622_400],
      "maxRetries": ["type": "integer", "minimum": 0, "maximum": 1000],
      "ttlSecondsAfterFinished": ["type": "integer", "minimum": 0, "maximum": 31_622_400],
      "run": ["type": "integer", "minimum": 1],
    ],
  ]
}
