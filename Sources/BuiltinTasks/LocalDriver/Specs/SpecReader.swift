import JSON

/// What is wrong with a spec, and where in it.
struct SpecError: Error, Equatable, CustomStringConvertible {
  /// From the spec's root: `template.containers[0].image`; empty = the spec itself.
  var path: String
  var problem: String

  var description: String { path.isEmpty ? "spec \(problem)" : "spec.\(path) \(problem)" }
}

/// A place in a spec: reads typed values and knows the path to name when they are wrong.
///
/// Every reader of a spec goes through this, so that no mistake is reported without its path.
struct SpecReader {
  let value: JSONValue
  let path: String

  init(_ value: JSONValue) {
    self.value = value
    self.path = ""
  }

  private init(_ value: JSONValue, at path: String) {
    self.value = value
    self.path = path
  }

  func problem(_ text: String) -> SpecError { SpecError(path: path, problem: text) }

  /// Nil where the member is absent or null.
  func member(_ name: String) -> SpecReader? {
    guard let member = value[name], !member.isNull else { return nil }
    return SpecReader(member, at: path.isEmpty ? name : "\(path).\(name)")
  }

  func required(_ name: String) throws(SpecError) -> SpecReader {
    guard let member = member(name) else {
      throw SpecError(path: path.isEmpty ? name : "\(path).\(name)", problem: "is missing")
    }
    return member
  }

  /// Checks that this is an object and has no other members than these.
  func members(only known: [String]) throws(SpecError) {
    guard let object = value.object else { throw problem("must be an object") }
    for name in object.names where !known.contains(name) {
      let place = path.isEmpty ? name : "\(path).\(name)"
      throw SpecError(
        path: place, problem: "is not known here; known are \(known.joined(separator: ", "))")
    }
  }

  func string() throws(SpecError) -> String {
    guard let text = value.string else { throw problem("must be a string") }
    guard !text.utf8.contains(0) else { throw problem("must not contain a NUL character") }
    return text
  }

  func integer(in range: ClosedRange<Int>) throws(SpecError) -> Int {
    guard let number = value.integer, let exact = Int(exactly: number), range.contains(exact)
    else {
      throw problem("must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return exact
  }

  func elements() throws(SpecError) -> [SpecReader] {
    guard let elements = value.array else { throw problem("must be an array") }
    return elements.enumerated().map { SpecReader($0.element, at: "\(path)[\($0.offset)]") }
  }

  func namedMembers() throws(SpecError) -> [(name: String, reader: SpecReader)] {
    guard let object = value.object else { throw problem("must be an object") }
    return object.members.map { ($0.name, SpecReader($0.value, at: "\(path).\($0.name)")) }
  }
}
