internal import Diagnostics
internal import JSON
public import Model

extension HostConfiguration {
  /// The shape of mortise.yaml; its reference page is made from it.
  public static let schema: Schema = {
    do throws(SchemaError) {
      return try Schema(json)
    } catch {
      preconditionFailure("the schema of mortise.yaml: \(error)")
    }
  }()

  private static func path(_ description: String) -> JSONValue {
    ["type": "string", "minLength": 1, "maxLength": 4095, "description": .string(description)]
  }

  private static let json: JSONValue = [
    "type": "object",
    "properties": [
      "state": path("Where the host keeps everything; one host at a time holds it."),
      "plugins": path("Where the plugins are: a folder each, with a plugin.yaml."),
      "socket": path("Where the host answers; at most 107 bytes. By default as for --socket."),
      "log": log, "stop": stop, "external": external, "store": store,
    ],
  ]

  private static let log: JSONValue = [
    "type": "object", "description": "The log on standard error.",
    "properties": [
      "level": [
        "type": "string", "enum": .array(LogLevel.allCases.map { .string($0.name) }),
        "description": "The least that is logged; info by default. SIGHUP takes a change over.",
      ],
      "format": [
        "type": "string", "enum": ["text", "json"],
        "description": "By default text on a terminal, JSON lines elsewhere.",
      ],
    ],
  ]

  private static let stop: JSONValue = [
    "type": "object", "description": "How the host ends on SIGTERM and SIGINT.",
    "properties": [
      "grace": [
        "type": "string", "format": "duration",
        "description": .string(
          "How long calls and plugins may take to end, at most 10m; what is left is killed. 10s "
            + "by default. SIGHUP takes a change over."),
      ]
    ],
  ]

  private static let external: JSONValue = [
    "type": "object", "description": "Plugins that others start.",
    "properties": [
      "acceptance": [
        "type": "string", "format": "duration",
        "description": .string(
          "How long one may take from its socket's appearance until it takes calls, at most 60m; then "
            + "it is refused. 30s by default; longer for one that stands in a debugger from the start."
        ),
      ]
    ],
  ]

  private static let store: JSONValue = [
    "type": "object", "description": "What the store may use.",
    "properties": [
      "size": [
        "type": "string", "format": "quantity",
        "description":
          "The database file; beyond it writes fail as on a full disk. 16Gi by default.",
      ],
      "history": [
        "type": "integer", "minimum": 16, "maximum": 1_000_000,
        "description": "Changes kept for watchers that reconnect; 4096 by default.",
      ],
      "watches": [
        "type": "integer", "minimum": 16, "maximum": 100_000,
        "description": "Watches that wait at once; more are refused. 1024 by default.",
      ],
    ],
  ]
}
