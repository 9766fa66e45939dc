extension ManifestDocument {
  /// Parses a text of YAML or JSON documents.
  ///
  /// Scalars mean what YAML 1.2's core schema says: `no` and `on` are strings. What people trip
  /// over is refused instead of guessed: repeated and non-string keys, merge keys, integers with
  /// leading zeros or of more than 64 bits, NaN and infinities, tags of any other kind. Time is
  /// linear in the text. Empty documents are skipped.
  ///
  /// - Parameter source: what the text is called in messages.
  /// - Throws: `ManifestError` with all that is wrong; no text traps (guarded by
  ///   `ManifestFuzzTests`).
  public static func parse(_ text: [UInt8], source: String) throws(ManifestError)
    -> [ManifestDocument]
  {
    func refusal(_ message: String) -> ManifestError {
      ManifestError(problems: [
        ManifestProblem(source: source, position: nil, path: "", message: message)
      ])
    }
    guard text.count <= ManifestLimits.textBytes else {
      throw refusal(
        "the text has \(text.count) bytes; at most \(ManifestLimits.textBytes) are accepted: "
          + "split it into several files")
    }
    if let problem = ManifestEncoding.problem(in: text, source: source) {
      throw ManifestError(problems: [problem])
    }
    let prepared = ManifestEncoding.prepared(text)
    var builder = ManifestBuilder(source: source)
    prepared.withUnsafeBufferPointer { buffer in
      var events = YAMLEventReader(buffer)
      builder.build(from: &events)
    }
    guard builder.problems.isEmpty else { throw ManifestError(problems: builder.problems) }
    return builder.documents
  }
}
