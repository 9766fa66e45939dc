extension JSONValue {
  /// Parses one JSON document (RFC 8259), strictly.
  ///
  /// Time is linear in the size of the text. Refused are: a repeated member of an object, an integer
  /// outside of the 64-bit signed range, a number too large for a `Double`, text that is not UTF-8,
  /// lone surrogates, nesting deeper than `JSONLimits.depth`, anything after the value.
  ///
  /// - Parameter maximumBytes: larger texts are refused unread.
  /// - Throws: where the text breaks one of these; no text traps (guarded by `JSONParserTests`).
  public init(
    parsing text: some Collection<UInt8>, maximumBytes: Int = JSONLimits.documentBytes
  ) throws(JSONParseError) {
    // `withContiguousStorageIfAvailable` only rethrows untyped errors, so the outcome is a value.
    let parse = { (bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONParseError> in
      do throws(JSONParseError) {
        return .success(try JSONParser.parse(bytes, maximumBytes: maximumBytes))
      } catch {
        return .failure(error)
      }
    }
    let result =
      text.withContiguousStorageIfAvailable(parse) ?? Array(text).withUnsafeBufferPointer(parse)
    self = try result.get()
  }

  /// Parses one JSON document from a string.
  public init(
    parsing text: String, maximumBytes: Int = JSONLimits.documentBytes
  ) throws(JSONParseError) {
    self = try JSONValue(parsing: text.utf8, maximumBytes: maximumBytes)
  }
}
