internal import JSON
internal import Model

extension PluginManifest {
  /// The shape of plugin.yaml. What goes beyond shape is checked by `PluginManifest+Parsing`.
  static let schema: Schema = {
    do throws(SchemaError) {
      return try Schema(json)
    } catch {
      preconditionFailure("the schema of plugin.yaml: \(error)")
    }
  }()

  private static let names: JSONValue = [
    "type": "array", "items": ["type": "string", "minLength": 1], "maxItems": 256,
  ]

  private static let paths: JSONValue = [
    "type": "array", "items": ["type": "string", "pattern": "^/"], "maxItems": 256,
  ]

  private static let json: JSONValue = [
    "type": "object",
    "required": ["name", "version"],
    "properties": [
      "name": ["type": "string", "format": "dns-label"],
      "version": [
        "type": "string", "pattern": #"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"#,
      ],
      "external": ["type": "boolean"],
      "executable": ["type": "string", "minLength": 1],
      "arguments": ["type": "array", "items": ["type": "string"], "maxItems": 1024],
      "digest": ["type": "string", "pattern": "^sha256:[0-9a-f]{64}$"],
      "environment": [
        "type": "array", "maxItems": 256,
        "items": ["type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"],
      ],
      "limits": [
        "type": "object",
        "properties": [
          "memory": ["type": "string", "format": "quantity"],
          "openFiles": ["type": "integer", "minimum": 16],
          "processes": ["type": "integer", "minimum": 1],
        ],
      ],
      "files": ["type": "object", "properties": ["read": paths, "write": paths]],
      "config": ["type": "object", "additionalProperties": true],
      "grants": [
        "type": "object", "properties": ["intents": names, "targets": names],
      ],
      "survivesHost": ["type": "boolean"],
    ],
  ]
}
