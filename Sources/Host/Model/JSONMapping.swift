public import JSON

/// A type that the store keeps as JSON.
///
/// Written by hand, not through Codable: objects are mapped on every pass, and Codable's
/// containers cost an order of magnitude more than the document itself.
public protocol JSONMappable: Sendable {
  init(_ reader: JSONReader) throws(MappingError)
  var json: JSONValue { get }
}

/// A type that is stored so often that it writes its text itself, and no value is made of it first.
public protocol JSONWritable: JSONMappable {
  /// Writes the members, in their order; none twice.
  func writeMembers(to object: inout JSONMembers)
}

extension JSONWritable {
  public var json: JSONValue { JSONMembers.value { writeMembers(to: &$0) } }

  /// As compact JSON; reallocated less often where the caller has an idea of how much it is.
  public func serialized(expectedBytes: Int) -> [UInt8] {
    JSONMembers.text(expectedBytes: expectedBytes) { writeMembers(to: &$0) }
  }
}

/// JSON that is not the shape which the model expects.
public struct MappingError: Error, Sendable, Equatable, CustomStringConvertible {
  public var path: String
  public var message: String

  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "\(path): \(message)" }
}

/// A place in a document that is being read, with the path that led there.
public struct JSONReader: Sendable {
  public var value: JSONValue
  public var path: String

  public init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  /// An error about what stands here.
  public func fail(_ message: String) -> MappingError {
    MappingError(path: path.isEmpty ? "(document)" : path, message: message)
  }

  /// The member of that name; nil where it is absent or null.
  public func member(_ name: String) throws(MappingError) -> JSONReader? {
    guard let object = value.object else { throw fail("expected an object") }
    guard let value = object[name], !value.isNull else { return nil }
    return JSONReader(value, path: path.isEmpty ? name : path + "." + name)
  }

  /// The member of that name, which has to be there and not null.
  public func required(_ name: String) throws(MappingError) -> JSONReader {
    guard let member = try member(name) else { throw fail("\"\(name)\" is missing") }
    return member
  }

  /// The elements, where this is a list.
  public func elements() throws(MappingError) -> [JSONReader] {
    guard let array = value.array else { throw fail("expected a list") }
    return array.enumerated().map { JSONReader($1, path: "\(path)[\($0)]") }
  }

  /// The text, where this is a string.
  public func string() throws(MappingError) -> String {
    guard let string = value.string else { throw fail("expected a string") }
    return string
  }

  /// The number, where this is an integer.
  public func integer() throws(MappingError) -> Int64 {
    guard let integer = value.integer else { throw fail("expected an integer") }
    return integer
  }

  /// The value, where this is a boolean.
  public func bool() throws(MappingError) -> Bool {
    guard let bool = value.bool else { throw fail("expected true or false") }
    return bool
  }

  /// The members, where this is an object.
  public func object() throws(MappingError) -> JSONObject {
    guard let object = value.object else { throw fail("expected an object") }
    return object
  }

  /// The path that the text here names.
  public func jsonPath() throws(MappingError) -> JSONPath {
    do {
      return try JSONPath(try string())
    } catch let error as JSONPathError {
      throw fail("\(error)")
    } catch {
      throw error as? MappingError ?? fail("\(error)")
    }
  }

  /// The moment that the text here names.
  public func timestamp() throws(MappingError) -> Timestamp {
    guard let moment = Timestamp(try string()) else {
      throw fail("expected a time such as 2026-01-31T12:00:00Z")
    }
    return moment
  }

  /// The case whose raw value stands here; an error lists the cases.
  public func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type)
    throws(MappingError) -> Choice where Choice.RawValue == String
  {
    let text = try string()
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw fail("\"\(text)\" is none of \(known)")
    }
    return choice
  }

  /// The elements of a member that is a list of these; empty where it is absent.
  public func list<Element: JSONMappable>(_ name: String, of type: Element.Type)
    throws(MappingError) -> [Element]
  {
    guard let member = try member(name) else { return [] }
    var list: [Element] = []
    for element in try member.elements() { list.append(try Element(element)) }
    return list
  }

  /// The elements of a member that is a list of strings; empty where it is absent.
  public func strings(_ name: String) throws(MappingError) -> [String] {
    guard let member = try member(name) else { return [] }
    var list: [String] = []
    for element in try member.elements() { list.append(try element.string()) }
    return list
  }

  /// The members of a member that is an object of strings, in their order; empty where it is absent.
  public func stringMap(_ name: String) throws(MappingError) -> [(name: String, value: String)] {
    guard let member = try member(name) else { return [] }
    var map: [(name: String, value: String)] = []
    for (name, value) in try member.object().members {
      map.append((name, try JSONReader(value, path: member.path + "." + name).string()))
    }
    return map
  }

  /// Members that the model knows; any other is a spelling mistake worth telling.
  public func refuseMembers(except known: Set<String>) throws(MappingError) {
    for name in try object().names where !known.contains(name) {
      throw JSONReader(.null, path: path.isEmpty ? name : path + "." + name)
        .fail("unknown field; expected one of \(known.sorted().joined(separator: ", "))")
    }
  }
}

extension JSONObject {
  /// Writes members that have something to say: nil, empty strings and empty lists are left out.
  mutating func set(_ name: String, _ value: String?) {
    if let value, !value.isEmpty { self[name] = .string(value) }
  }

  mutating func set(_ name: String, _ value: Int64?) {
    if let value { self[name] = .integer(value) }
  }

  mutating func set(_ name: String, _ value: Timestamp?) {
    if let value { self[name] = .string(value.description) }
  }

  mutating func set(_ name: String, _ values: [some JSONMappable]) {
    if !values.isEmpty { self[name] = .array(values.map(\.json)) }
  }

  mutating func set(_ name: String, _ values: [String]) {
    if !values.isEmpty { self[name] = .array(values.map { .string($0) }) }
  }

  mutating func set(_ name: String, _ values: [(name: String, value: String)]) {
    if !values.isEmpty {
      self[name] = .object(JSONObject(values.map { ($0.name, .string($0.value)) }))
    }
  }

  mutating func set(_ name: String, _ value: (some JSONMappable)?) {
    if let value { self[name] = value.json }
  }
}

/// As those of `JSONObject`: what has nothing to say is left out.
extension JSONMembers {
  mutating func set(_ name: String, _ value: String?) {
    if let value, !value.isEmpty { put(name, value) }
  }

  mutating func set(_ name: String, _ value: Int64?) {
    if let value { put(name, .integer(value)) }
  }

  mutating func set(_ name: String, _ value: Timestamp?) {
    if let value { put(name, value.description) }
  }

  mutating func set(_ name: String, _ values: [some JSONMappable]) {
    if !values.isEmpty { put(name, .array(values.map(\.json))) }
  }

  mutating func set(_ name: String, _ values: [some JSONWritable]) {
    if !values.isEmpty { put(name, objects: values.count) { values[$0].writeMembers(to: &$1) } }
  }

  mutating func set(_ name: String, _ values: [String]) {
    if !values.isEmpty { put(name, .array(values.map { .string($0) })) }
  }

  mutating func set(_ name: String, _ values: [(name: String, value: String)]) {
    if values.isEmpty { return }
    put(name) { object in
      for (name, value) in values { object.put(name, value) }
    }
  }

  mutating func set(_ name: String, _ value: (some JSONMappable)?) {
    if let value { put(name, value.json) }
  }

  mutating func set(_ name: String, _ value: (some JSONWritable)?) {
    if let value { put(name) { value.writeMembers(to: &$0) } }
  }
}
