public import JSON

extension ObjectKey: JSONMappable {
  public init(_ reader: JSONReader) throws(MappingError) {
    self.init(
      kind: try reader.required("kind").string(),
      namespace: try reader.required("namespace").string(),
      name: try reader.required("name").string())
  }

  public var json: JSONValue {
    ["kind": .string(kind), "namespace": .string(namespace), "name": .string(name)]
  }
}
