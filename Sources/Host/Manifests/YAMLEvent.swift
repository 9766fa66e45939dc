/// One event of libyaml's parser, as a Swift value.
struct YAMLEvent {
  /// What a node may carry in front of its content.
  struct Properties {
    var anchor: String?
    /// In full: `tag:yaml.org,2002:str` for `!!str`.
    var tag: String?
  }

  enum Content {
    case documentStart
    case documentEnd
    case alias(String)
    /// Only an untagged scalar without quotes is plain: any other is a string or what its tag says.
    case scalar(String, isPlain: Bool, Properties)
    case sequenceStart(Properties)
    case mappingStart(Properties)
    case collectionEnd
  }

  var content: Content
  var position: ManifestPosition
  /// Characters of the text before the end of what the event stands for.
  var end: Int
}

/// What libyaml found broken, in its words.
struct YAMLBreakage: Error {
  var message: String
  var position: ManifestPosition?
}
