public import JSON

extension Schema {
  /// The value with every default filled in, at any depth, as the Kubernetes API server does it.
  ///
  /// A member that is absent gets its default, and so does one that is null where null is not
  /// allowed. Absent objects are not made up to hold defaults: give them `default: {}`.
  public func applyingDefaults(_ value: JSONValue) -> JSONValue {
    if value.isNull, !isNullable, let defaultValue { return completed(defaultValue) }
    return completed(value)
  }

  /// Fills what is missing below a value that is there.
  func completed(_ value: JSONValue) -> JSONValue {
    switch (type, value) {
    case (.object, .object(let object)):
      .object(completed(object))
    case (.array, .array(let elements)):
      items.map { items in .array(elements.map(items.applyingDefaults)) } ?? value
    default:
      value
    }
  }

  private func completed(_ object: JSONObject) -> JSONObject {
    var members: [JSONObject.Member] = []
    var present: Set<String> = []
    for (name, value) in object.members {
      present.insert(name)
      if let schema = property(name) {
        members.append((name, schema.applyingDefaults(value)))
      } else if case .schema(let schema) = additionalProperties {
        members.append((name, schema.applyingDefaults(value)))
      } else {
        members.append((name, value))
      }
    }
    for property in properties where !present.contains(property.name) {
      guard let value = property.schema.defaultValue else { continue }
      members.append((property.name, property.schema.completed(value)))
    }
    return JSONObject(uniqueMembers: members)
  }
}
