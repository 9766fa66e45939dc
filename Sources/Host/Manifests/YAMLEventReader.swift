internal import CYAML

/// Pulls events out of libyaml's parser; the one place that touches it.
///
/// The text must outlive the reader.
struct YAMLEventReader: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  init(_ text: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    precondition(yaml_parser_initialize(parser) == 1, "out of memory")
    // Set, not guessed: a byte order mark must not turn the text into UTF-16.
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event; nil at the end of the text. Not to be called again after an error.
  mutating func next() throws(YAMLBreakage) -> YAMLEvent? {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw breakage() }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return nil }
      guard let content = Self.content(of: event) else { continue }
      return YAMLEvent(
        content: content, position: ManifestPosition(event.start_mark),
        end: Int(clamping: event.end_mark.index))
    }
  }

  /// Nil for the start of the stream, which says nothing.
  private static func content(of event: yaml_event_t) -> YAMLEvent.Content? {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        String(decoding: bytes, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.plain_implicit != 0,
        YAMLEvent.Properties(anchor: string(scalar.anchor), tag: string(scalar.tag)))
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .sequenceStart(
        YAMLEvent.Properties(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mappingStart(
        YAMLEvent.Properties(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
    default: return nil
    }
  }

  private static func string(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    bytes.map { String(cString: $0) }
  }

  private func breakage() -> YAMLBreakage {
    let parser = parser.pointee
    var message = "broken YAML: " + (parser.problem.map { String(cString: $0) } ?? "unreadable")
    if let context = parser.context {
      message += " \(String(cString: context))"
      if parser.context_mark.line != parser.problem_mark.line {
        message += " that begins in line \(parser.context_mark.line + 1)"
      }
    }
    return YAMLBreakage(message: message, position: ManifestPosition(parser.problem_mark))
  }
}

extension ManifestPosition {
  /// libyaml counts from 0.
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }
}
