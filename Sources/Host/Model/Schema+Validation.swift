public import JSON

extension Schema {
  /// All that is wrong with a value, up to `maximumProblems`; empty = valid.
  ///
  /// Defaults are not applied here: validate what `applyingDefaults` returns.
  public func validate(_ value: JSONValue) -> [SchemaProblem] {
    var validation = SchemaValidation()
    validation.check(value, against: self)
    return validation.findings.problems
  }
}

/// One walk over a value along its schema; recursion is bounded by the schema's depth.
private struct SchemaValidation {
  var findings = SchemaFindings()

  mutating func check(_ value: JSONValue, against schema: Schema) {
    if findings.isFull || (value.isNull && schema.isNullable) { return }
    guard let type = schema.type else {
      checkAllowed(value, against: schema)
      return
    }
    switch (type, value) {
    case (.object, .object(let object)): check(object, against: schema)
    case (.array, .array(let elements)): check(elements, against: schema)
    case (.string, .string(let text)): check(text, against: schema)
    case (.integer, .integer), (.number, .integer), (.number, .number):
      checkRange(value, against: schema)
    case (.boolean, .bool): break
    default:
      findings.report("must be \(type.expectation), is \(value.kindDescription)")
      return
    }
    checkAllowed(value, against: schema)
  }

  private mutating func check(_ object: JSONObject, against schema: Schema) {
    for (name, value) in object.members {
      if findings.isFull { return }
      findings.descend(to: name)
      if let property = schema.property(name) {
        check(value, against: property)
      } else {
        switch schema.additionalProperties {
        case .anything: break
        case .schema(let other): check(value, against: other)
        case .refused: reportUnknown(name, in: schema)
        }
      }
      findings.ascend()
    }
    guard !schema.required.isEmpty else { return }
    let present = Set(object.names)
    for name in schema.required where !present.contains(name) {
      findings.report("is required", at: name)
    }
  }

  private mutating func reportUnknown(_ name: String, in schema: Schema) {
    let shown = schema.properties.prefix(20).map(\.name)
    let more = schema.properties.count > shown.count ? ", …" : ""
    findings.report(
      shown.isEmpty
        ? "unknown field; none is allowed here"
        : "unknown field; expected one of \(shown.joined(separator: ", "))\(more)")
  }

  private mutating func check(_ elements: [JSONValue], against schema: Schema) {
    checkCount(elements.count, "element", schema.minItems, schema.maxItems)
    guard let items = schema.items else { return }
    for (index, element) in elements.enumerated() {
      if findings.isFull { return }
      findings.descend(to: index)
      check(element, against: items)
      findings.ascend()
    }
  }

  private mutating func check(_ text: String, against schema: Schema) {
    if schema.minLength != nil || schema.maxLength != nil {
      let count = text.unicodeScalars.count
      guard checkCount(count, "character", schema.minLength, schema.maxLength) else { return }
    }
    if let format = schema.format, !format.matches(text) {
      findings.report(
        "must be \(format.expectation); is \(JSONValue.string(text).shortDescription)")
    }
    if let pattern = schema.pattern, !pattern.matches(text) {
      findings.report(
        "must match \(pattern.source); is \(JSONValue.string(text).shortDescription)")
    }
  }

  @discardableResult
  private mutating func checkCount(_ count: Int, _ unit: String, _ minimum: Int?, _ maximum: Int?)
    -> Bool
  {
    func amount(_ count: Int) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
    if let minimum, count < minimum {
      findings.report("must have at least \(amount(minimum)), has \(count)")
      return false
    }
    if let maximum, count > maximum {
      findings.report("must have at most \(amount(maximum)), has \(count)")
      return false
    }
    return true
  }

  private mutating func checkRange(_ value: JSONValue, against schema: Schema) {
    if let minimum = schema.minimum, value.isNumericallyLess(than: minimum) {
      let shown = (minimum.shortDescription, value.shortDescription)
      findings.report("must be at least \(shown.0), is \(shown.1)")
    }
    if let maximum = schema.maximum, maximum.isNumericallyLess(than: value) {
      let shown = (maximum.shortDescription, value.shortDescription)
      findings.report("must be at most \(shown.0), is \(shown.1)")
    }
  }

  private mutating func checkAllowed(_ value: JSONValue, against schema: Schema) {
    guard !schema.allowedValues.isEmpty, !schema.allowedValues.contains(value) else { return }
    let allowed = schema.allowedValues.map(\.shortDescription).joined(separator: ", ")
    findings.report("must be one of \(allowed); is \(value.shortDescription)")
  }
}

extension Schema.ValueType {
  /// Completes "must be …".
  fileprivate var expectation: String {
    switch self {
    case .object: "an object"
    case .array: "a list"
    case .string: "a string"
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "true or false"
    }
  }
}
