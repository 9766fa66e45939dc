public import JSON

extension Schema {
  /// Reads a schema.
  ///
  /// - Throws: `SchemaError` with all that is wrong, up to `maximumProblems`, by path in the schema.
  public init(_ json: JSONValue) throws(SchemaError) {
    var reader = SchemaReader()
    let schema = reader.schema(json, depth: 1)
    if !reader.findings.problems.isEmpty {
      throw SchemaError(problems: reader.findings.problems)
    }
    self = schema
  }
}

/// Turns JSON into a schema and notes what is wrong on the way; recursion ends at `maximumDepth`.
private struct SchemaReader {
  var findings = SchemaFindings()

  private static let commonKeywords: Set<String> = [
    "type", "description", "title", "enum", "default", "nullable",
  ]
  private static let keywords: [Schema.ValueType: Set<String>] = [
    .object: ["properties", "required", "additionalProperties"],
    .array: ["items", "minItems", "maxItems"],
    .string: ["minLength", "maxLength", "pattern", "format"],
    .integer: ["minimum", "maximum"],
    .number: ["minimum", "maximum"],
    .boolean: [],
  ]

  mutating func schema(_ json: JSONValue, depth: Int) -> Schema {
    var schema = Schema()
    guard let object = json.object else {
      findings.report("a schema must be an object, is \(json.kindDescription)")
      return schema
    }
    guard depth <= Schema.maximumDepth else {
      findings.report("schemas nest deeper than \(Schema.maximumDepth)")
      return schema
    }
    schema.type = type(object["type"])
    refuseForeignKeywords(object, for: schema.type)
    schema.description = text(object, "description") ?? ""
    schema.isNullable = flag(object, "nullable") ?? false
    readObject(object, into: &schema, depth: depth)
    readArray(object, into: &schema, depth: depth)
    readString(object, into: &schema)
    readNumber(object, into: &schema)
    readValues(object, into: &schema)
    return schema
  }

  private mutating func type(_ value: JSONValue?) -> Schema.ValueType? {
    guard let value else { return nil }
    if let name = value.string, let type = Schema.ValueType(rawValue: name) { return type }
    let known = Schema.ValueType.allCases.map(\.rawValue).joined(separator: ", ")
    findings.report("must be one of \(known); is \(value.shortDescription)", at: "type")
    return nil
  }

  private mutating func refuseForeignKeywords(_ object: JSONObject, for type: Schema.ValueType?) {
    let own = type.flatMap { Self.keywords[$0] } ?? []
    for name in object.names where !Self.commonKeywords.contains(name) && !own.contains(name) {
      let owners = Schema.ValueType.allCases.filter { Self.keywords[$0]?.contains(name) == true }
      if owners.isEmpty {
        findings.report("this keyword is not supported", at: name)
      } else {
        let types = owners.map(\.rawValue).joined(separator: " or ")
        findings.report("applies only where the schema has type: \(types)", at: name)
      }
    }
  }

  private mutating func readObject(_ object: JSONObject, into schema: inout Schema, depth: Int) {
    guard schema.type == .object else { return }
    findings.descend(to: "properties")
    if let properties = object["properties"] {
      if properties.object == nil { findings.report("must be an object of schemas by field name") }
      for (name, value) in properties.object?.members ?? [] {
        findings.descend(to: name)
        schema.propertyIndex[name] = schema.properties.count
        schema.properties.append(
          Schema.Property(name: name, schema: self.schema(value, depth: depth + 1)))
        findings.ascend()
      }
    }
    findings.ascend()
    switch object["additionalProperties"] {
    case nil, .bool(false): break
    case .bool(true): schema.additionalProperties = .anything
    case .some(let value):
      findings.descend(to: "additionalProperties")
      schema.additionalProperties = .schema(self.schema(value, depth: depth + 1))
      findings.ascend()
    }
    readRequired(object, into: &schema)
  }

  private mutating func readRequired(_ object: JSONObject, into schema: inout Schema) {
    guard let value = object["required"] else { return }
    let names = value.array?.compactMap(\.string)
    guard let names, names.count == value.array?.count else {
      findings.report("must be a list of field names", at: "required")
      return
    }
    schema.required = names
    guard schema.additionalProperties == .refused else { return }
    for name in names where schema.propertyIndex[name] == nil {
      findings.report("\"\(name)\" is not among the properties", at: "required")
    }
  }

  private mutating func readArray(_ object: JSONObject, into schema: inout Schema, depth: Int) {
    guard schema.type == .array else { return }
    if let items = object["items"] {
      findings.descend(to: "items")
      schema.itemSchemas = [self.schema(items, depth: depth + 1)]
      findings.ascend()
    }
    schema.minItems = count(object, "minItems")
    schema.maxItems = count(object, "maxItems", atLeast: schema.minItems)
  }

  private mutating func readString(_ object: JSONObject, into schema: inout Schema) {
    guard schema.type == .string else { return }
    schema.minLength = count(object, "minLength")
    schema.maxLength = count(object, "maxLength", atLeast: schema.minLength)
    if let source = text(object, "pattern") {
      do {
        schema.pattern = try SchemaPattern(source)
      } catch {
        findings.report("character \(error.offset + 1): \(error.message)", at: "pattern")
      }
    }
    if let name = text(object, "format") {
      schema.format = SchemaFormat(rawValue: name)
      if schema.format == nil {
        let known = SchemaFormat.allCases.map(\.rawValue).joined(separator: ", ")
        findings.report("must be one of \(known); is \"\(name)\"", at: "format")
      }
    }
  }

  private mutating func readNumber(_ object: JSONObject, into schema: inout Schema) {
    guard schema.type == .integer || schema.type == .number else { return }
    for name in ["minimum", "maximum"] {
      guard let value = object[name], value.double == nil else { continue }
      findings.report("must be a number, is \(value.kindDescription)", at: name)
    }
    schema.minimum = object["minimum"]
    schema.maximum = object["maximum"]
    if let low = schema.minimum, let high = schema.maximum, high.isNumericallyLess(than: low) {
      findings.report("must not be less than minimum", at: "maximum")
    }
  }

  /// Values that the schema itself gives must satisfy it, else no object ever could.
  private mutating func readValues(_ object: JSONObject, into schema: inout Schema) {
    let areRulesSound = findings.problems.isEmpty
    if let value = object["enum"] {
      if let values = value.array, !values.isEmpty {
        if areRulesSound { check(values, of: schema) }
        schema.allowedValues = values
      } else {
        findings.report("must be a list of at least one value", at: "enum")
      }
    }
    guard let value = object["default"] else { return }
    schema.defaultValue = value
    guard areRulesSound, let problem = schema.validate(schema.completed(value)).first else {
      return
    }
    let place = problem.path.isEmpty ? "" : "\(problem.path): "
    findings.report("breaks this schema: \(place)\(problem.message)", at: "default")
  }

  private mutating func check(_ values: [JSONValue], of schema: Schema) {
    findings.descend(to: "enum")
    for (index, value) in values.enumerated() {
      guard let problem = schema.validate(value).first else { continue }
      findings.descend(to: index)
      findings.report("breaks this schema: \(problem.message)")
      findings.ascend()
    }
    findings.ascend()
  }

  private mutating func text(_ object: JSONObject, _ name: String) -> String? {
    guard let value = object[name] else { return nil }
    if value.string == nil { findings.report("must be a string", at: name) }
    return value.string
  }

  private mutating func flag(_ object: JSONObject, _ name: String) -> Bool? {
    guard let value = object[name] else { return nil }
    if value.bool == nil { findings.report("must be true or false", at: name) }
    return value.bool
  }

  private mutating func count(_ object: JSONObject, _ name: String, atLeast minimum: Int? = nil)
    -> Int?
  {
    guard let value = object[name] else { return nil }
    guard let count = value.integer, count >= 0 else {
      findings.report("must be a whole number of at least 0", at: name)
      return nil
    }
    if let minimum, count < minimum {
      findings.report("must not be less than the minimum of \(minimum)", at: name)
    }
    return Int(count)
  }
}
