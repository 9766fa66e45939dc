public import JSON

/// A reference inside params: `${spec.image}`, `${tasks.apply.outputs.url}`, `${spec.import?}`.
public struct Reference: Sendable, Equatable {
  /// What is referred to, which decides when it is resolved.
  public enum Source: Sendable, Equatable {
    /// Into the resource: spec, status or metadata. Resolved when the plan is stamped.
    case resource(path: JSONPath)
    /// Of an earlier task. Resolved when the task is dispatched.
    case output(task: String, path: JSONPath)
  }

  public var source: Source
  /// With a trailing `?`: where there is no value, the member that holds the reference is left out.
  public var isOptional: Bool
  /// As written between the braces.
  public var text: String
}

/// Why a template can't be read or resolved.
public struct TemplateError: Error, Sendable, Equatable {
  /// Below the template: ".a[1]".
  public var path: String
  public var message: String

  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }
}

/// JSON with references: what a blueprint's params are.
///
/// A string that is one reference takes the referred value with its type; in a longer string only
/// scalars can stand. `$${` writes a literal `${`, and `${$}` a literal `$` before a reference.
/// Resolution happens twice, at stamping for the resource and at dispatch for outputs, so what the
/// first inserts is escaped: text from a spec that looks like a reference is never taken for one.
///
/// - Invariant: inserted text is never resolved again (guarded by `TemplateTests`).
public enum Template {
  /// All references in a document.
  public static func references(in value: JSONValue) throws(TemplateError) -> [Reference] {
    switch value {
    case .string(let text):
      return try parse(text).compactMap {
        if case .reference(let found) = $0 { found } else { nil }
      }
    case .array(let elements):
      var found: [Reference] = []
      for (index, element) in elements.enumerated() {
        try at("[\(index)]") { () throws(TemplateError) in found += try references(in: element) }
      }
      return found
    case .object(let object):
      var found: [Reference] = []
      for (name, member) in object.members {
        try at(".\(name)") { () throws(TemplateError) in found += try references(in: member) }
      }
      return found
    default:
      return []
    }
  }

  /// Resolves references into the resource; those to outputs stay.
  public static func stamp(_ value: JSONValue, resource: JSONValue) throws(TemplateError)
    -> JSONValue
  {
    try resolve(value, isLast: false) { source in
      if case .resource(let path) = source { .found(resource.value(at: path)) } else { .later }
    } ?? .null
  }

  /// A template that stands for the value as it is, whatever looks like a reference in it.
  public static func literal(_ value: JSONValue) -> JSONValue {
    do {
      return try stamp("${spec}", resource: ["spec": value])
    } catch {
      preconditionFailure("a reference to what is there has a value: \(error)")
    }
  }

  /// Resolves what is left and takes the escapes away.
  public static func complete(_ value: JSONValue, outputs: (String) -> JSONValue?)
    throws(TemplateError) -> JSONValue
  {
    try resolve(value, isLast: true) { source in
      if case .output(let task, let path) = source {
        .found(outputs(task)?.value(at: path))
      } else {
        .found(nil)
      }
    } ?? .null
  }

  private enum Lookup {
    case found(JSONValue?)
    case later
  }

  /// Nil = the value is to be left out.
  private static func resolve(
    _ value: JSONValue, isLast: Bool, lookup: (Reference.Source) -> Lookup
  ) throws(TemplateError) -> JSONValue? {
    switch value {
    case .string(let text):
      return try resolve(text, isLast: isLast, lookup: lookup)
    case .array(let elements):
      var resolved: [JSONValue] = []
      for (index, element) in elements.enumerated() {
        try at("[\(index)]") { () throws(TemplateError) in
          if let element = try resolve(element, isLast: isLast, lookup: lookup) {
            resolved.append(element)
          }
        }
      }
      return .array(resolved)
    case .object(let object):
      var resolved = JSONObject()
      for (name, member) in object.members {
        try at(".\(name)") { () throws(TemplateError) in
          resolved[name] = try resolve(member, isLast: isLast, lookup: lookup)
        }
      }
      return .object(resolved)
    default:
      return value
    }
  }

  private static func resolve(
    _ text: String, isLast: Bool, lookup: (Reference.Source) -> Lookup
  ) throws(TemplateError) -> JSONValue? {
    // Most texts refer to nothing and escape nothing.
    guard text.utf8.contains(UInt8(ascii: "$")) else { return .string(text) }
    let pieces = try parse(text)
    if pieces.count == 1, case .reference(let reference) = pieces[0] {
      switch lookup(reference.source) {
      case .later: return .string(text)
      case .found(let value?): return isLast ? value : escaped(value)
      case .found(nil):
        if reference.isOptional { return nil }
        throw TemplateError(path: "", message: "${\(reference.text)} has no value")
      }
    }
    var result = ""
    // Text is escaped by the run, not by the piece: a "$" and a "{" that meet make no reference.
    var run = ""
    for piece in pieces {
      switch piece {
      case .text(let literal):
        run += literal
      case .reference(let reference):
        switch lookup(reference.source) {
        case .later:
          result += run.escapedForTemplate(beforeReference: true) + "${\(reference.text)}"
          run = ""
        case .found(let value):
          run += try scalarText(value, for: reference)
        }
      }
    }
    return .string(result + (isLast ? run : run.escapedForTemplate(beforeReference: false)))
  }

  private static func scalarText(_ value: JSONValue?, for reference: Reference)
    throws(TemplateError) -> String
  {
    guard let value else {
      if reference.isOptional { return "" }
      throw TemplateError(path: "", message: "${\(reference.text)} has no value")
    }
    guard let text = value.scalarText else {
      throw TemplateError(
        path: "", message: "${\(reference.text)} is no scalar and can't stand inside a text")
    }
    return text
  }

  private static func at(
    _ step: @autoclosure () -> String, _ body: () throws(TemplateError) -> Void
  ) throws(TemplateError) {
    do {
      try body()
    } catch {
      throw TemplateError(path: step() + error.path, message: error.message)
    }
  }

  private static func escaped(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(text.escapedForTemplate(beforeReference: false))
    case .array(let elements): .array(elements.map(escaped))
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.name, escaped($0.value)) }))
    default: value
    }
  }
}
