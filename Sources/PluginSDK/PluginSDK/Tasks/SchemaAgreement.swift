public import JSON

/// Holds a task type's schemas against its `Params` and `Outputs`, for a test of the type.
///
/// Schema and type are two statements of one shape: the host goes by the one, the plugin decodes by the
/// other. A sample with every member that there is, optional ones included, tells where they differ.
/// Compared are members at all depths, which of them are required, and the kinds of values; ranges,
/// patterns and enums are the schema's alone.
extension TaskType {
  /// Where schemas, types and samples disagree, a sentence each; a test expects none.
  ///
  /// - Parameters:
  ///   - params: has all members that `Params` takes, none of them null.
  ///   - outputs: as `params`, of `Outputs`.
  public static func schemaProblems(params: JSONValue, outputs: JSONValue = [:]) -> [String] {
    SchemaAgreement<Params>(root: "params", schema: paramsSchema, sample: params).problems
      + SchemaAgreement<Outputs>(root: "outputs", schema: outputsSchema, sample: outputs).problems
  }
}

/// One type, its schema and a sample of it.
struct SchemaAgreement<Value: Codable> {
  typealias Path = [JSONPath.Component]

  /// Names the document in what is told.
  let root: String
  let schema: JSONValue
  let sample: JSONValue

  var problems: [String] {
    let value: Value
    do throws(ParamsCoding.Mismatch) {
      value = try ParamsCoding.decode(Value.self, from: sample.serialized(), root)
      let again = try JSONValue(encoding: value)
      return compare(schema, sample, at: []) + unsampled(value, at: [])
        + changes(sample, again, at: []) + requirements(schema, sample, at: [])
    } catch {
      return ["the sample is none: \(error.message)"]
    }
  }

  private func name(_ path: Path) -> String {
    JSONPath([.member(root)] + path).description
  }

  // MARK: Schema and sample

  private func compare(_ schema: JSONValue, _ sample: JSONValue, at path: Path) -> [String] {
    if let kind = schema["type"]?.string, !sample.isOf(kind: kind) {
      return ["\(name(path)) is of type \(kind) by the schema, and not so in the sample"]
    }
    switch sample {
    case .object(let object):
      return compare(schema, object, at: path)
    case .array(let elements):
      guard let items = schema["items"] else { return [] }
      guard !elements.isEmpty else {
        return ["\(name(path)) is empty in the sample: give it an element"]
      }
      return elements.enumerated().flatMap {
        compare(items, $0.element, at: path + [.index($0.offset)])
      }
    default:
      return []
    }
  }

  private func compare(_ schema: JSONValue, _ object: JSONObject, at path: Path) -> [String] {
    let properties = schema["properties"]?.object ?? JSONObject()
    let isOpen = schema["additionalProperties"] != nil && schema["additionalProperties"] != false
    var problems: [String] = []
    for member in object.members {
      let place = path + [.member(member.name)]
      if let property = properties[member.name] {
        problems += compare(property, member.value, at: place)
      } else if !isOpen {
        problems.append("\(name(place)) is in the sample and not in the schema")
      }
    }
    for property in properties.members where object[property.name] == nil {
      problems.append(
        "\(name(path + [.member(property.name)])) is in the schema and not in the sample")
    }
    return problems
  }

  // MARK: Type and sample

  /// Members of the type that stayed empty: neither sample nor schema may know of them.
  private func unsampled(_ value: Any, at path: Path) -> [String] {
    if value is JSONValue { return [] }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      guard let present = mirror.children.first else {
        return ["\(name(path)) is a member of the type and not in the sample"]
      }
      return unsampled(present.value, at: path)
    case .struct, .class:
      return mirror.children.flatMap { child in
        child.label.map { unsampled(child.value, at: path + [.member($0)]) } ?? []
      }
    case .collection:
      return mirror.children.enumerated().flatMap {
        unsampled($0.element.value, at: path + [.index($0.offset)])
      }
    default:
      return []
    }
  }

  /// What the type makes of the sample.
  private func changes(_ sample: JSONValue, _ again: JSONValue, at path: Path) -> [String] {
    switch (sample, again) {
    case (.object(let before), .object(let after)):
      let lost = before.members.flatMap { member in
        let place = path + [.member(member.name)]
        return after[member.name].map { changes(member.value, $0, at: place) }
          ?? ["\(name(place)) is in the sample and not a member of the type"]
      }
      let added = after.members.filter { before[$0.name] == nil }.map {
        "\(name(path + [.member($0.name)])) is a member of the type and not in the sample"
      }
      return lost + added
    case (.array(let before), .array(let after)) where before.count == after.count:
      return zip(before, after).enumerated().flatMap {
        changes($0.element.0, $0.element.1, at: path + [.index($0.offset)])
      }
    default:
      return sample == again ? [] : ["\(name(path)) is \(sample) and decoded as \(again)"]
    }
  }

  // MARK: What has to be there

  private func requirements(_ schema: JSONValue, _ sample: JSONValue, at path: Path) -> [String] {
    let required = schema["required"]?.array?.compactMap(\.string) ?? []
    let properties = schema["properties"]?.object?.members ?? []
    let ofMembers = properties.flatMap { property -> [String] in
      guard let member = sample[property.name] else { return [] }
      let place = path + [.member(property.name)]
      let isDecoded = decodes(without: place)
      var problems: [String] = []
      if isDecoded, required.contains(property.name) {
        problems = ["\(name(place)) is required by the schema, and the type does without"]
      } else if !isDecoded, !required.contains(property.name) {
        problems = ["\(name(place)) is required by the type and not by the schema"]
      }
      return problems + requirements(property.value, member, at: place)
    }
    guard let items = schema["items"], let first = sample.array?.first else { return ofMembers }
    return ofMembers + requirements(items, first, at: path + [.index(0)])
  }

  private func decodes(without path: Path) -> Bool {
    let document = sample.removing(path[...]).serialized()
    return (try? ParamsCoding.decode(Value.self, from: document, root)) != nil
  }
}

extension JSONValue {
  fileprivate init(encoding value: some Encodable) throws(ParamsCoding.Mismatch) {
    let bytes = try ParamsCoding.encode(value)
    do throws(JSONParseError) {
      self = try JSONValue(parsing: bytes)
    } catch {
      preconditionFailure("what was encoded is JSON: \(error)")
    }
  }

  /// As JSON Schema names kinds of values.
  fileprivate func isOf(kind: String) -> Bool {
    switch self {
    case .object: kind == "object"
    case .array: kind == "array"
    case .string: kind == "string"
    case .bool: kind == "boolean"
    case .integer: kind == "integer" || kind == "number"
    case .number: kind == "number"
    case .null: false
    }
  }

  /// A copy without what is at the path.
  fileprivate func removing(_ path: ArraySlice<JSONPath.Component>) -> JSONValue {
    guard let first = path.first else { return self }
    let rest = path.dropFirst()
    switch (self, first) {
    case (.object(var object), .member(let name)):
      object[name] = rest.isEmpty ? nil : object[name]?.removing(rest)
      return .object(object)
    case (.array(var elements), .index(let index)) where elements.indices.contains(index):
      elements[index] = elements[index].removing(rest)
      return .array(elements)
    default:
      return self
    }
  }
}
