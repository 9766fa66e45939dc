internal import JSON
internal import Model

/// Reference pages, made from schemas: a row for each field.
enum SchemaMarkdown {
  /// - Parameters:
  ///   - page: by which `mortise help --reference` prints it.
  ///   - prefix: of each path: "spec".
  static func document(
    _ schema: Schema, page: String, title: String, introduction: [String], prefix: String = ""
  ) -> String {
    var lines = [
      "<!-- Written by `mortise help --reference \(page)`; do not edit. -->", "", "# \(title)", "",
    ]
    lines += introduction + ["", "| field | type | meaning |", "|---|---|---|"]
    lines += rows(schema, at: prefix)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func rows(_ schema: Schema, at path: String) -> [String] {
    var rows: [String] = []
    for property in schema.properties {
      let place = path.isEmpty ? property.name : "\(path).\(property.name)"
      let isRequired = schema.required.contains(property.name)
      rows.append(row(place, property.schema, isRequired: isRequired))
      rows += self.rows(property.schema, at: place)
    }
    if let items = schema.items { rows += self.rows(items, at: path + "[]") }
    return rows
  }

  private static func row(_ path: String, _ schema: Schema, isRequired: Bool) -> String {
    var meaning = schema.description
    if isRequired { meaning += " Required." }
    meaning += rules(schema).map { " \($0)." }.joined()
    return "| `\(path)` | \(type(schema)) | \(HelpMarkdown.escaped(meaning)) |"
  }

  private static func type(_ schema: Schema) -> String {
    guard let type = schema.type else { return "anything" }
    guard type == .array else { return schema.format?.rawValue ?? type.rawValue }
    return schema.items.flatMap(\.type).map { "list of \($0.rawValue)" } ?? "list"
  }

  private static func rules(_ schema: Schema) -> [String] {
    var rules: [String] = []
    if !schema.allowedValues.isEmpty {
      let values = schema.allowedValues.map { "`\($0.string ?? $0.description)`" }
      rules.append("One of " + values.joined(separator: ", "))
    }
    switch (schema.minimum, schema.maximum) {
    case (nil, nil): break
    case (let low?, nil): rules.append("At least \(low)")
    case (nil, let high?): rules.append("At most \(high)")
    case (let low?, let high?): rules.append("\(low) to \(high)")
    }
    if let value = schema.defaultValue { rules.append("By default `\(value)`") }
    return rules
  }
}
