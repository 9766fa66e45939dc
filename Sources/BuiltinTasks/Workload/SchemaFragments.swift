import JSON

/// What the schemas of several task types have in common.
extension JSONValue {
  /// A name that Kubernetes takes, too.
  static var objectName: JSONValue {
    ["type": "string", "maxLength": 253, "pattern": "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"]
  }

  static var portNumber: JSONValue { ["type": "integer", "minimum": 1, "maximum": 65535] }

  static var stringList: JSONValue { ["type": "array", "items": ["type": "string"]] }

  static var text: JSONValue { ["type": "string", "minLength": 1] }
}
