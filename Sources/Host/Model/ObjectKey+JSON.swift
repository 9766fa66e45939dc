public import JSON

extension ObjectKey: JSONWritable {
  public init(_ reader: JSONReader) throws(MappingError) {
    self.init(
      kind: try reader.required("kind").string(),
      namespace: try reader.required("namespace").string(),
      name: try reader.required("name").string())
  }

  public func writeMembers(to object: inout JSONMembers) {
    object.put("kind", kind)
    object.put("namespace", namespace)
    object.put("name", name)
  }
}
