internal import JSON

/// Builds documents from YAML events, with a stack of its own: no text makes it recurse.
///
/// What is wrong but leaves the structure intact is noted, and building goes on to find more; what
/// does not ends it.
struct ManifestBuilder {
  /// A collection whose end has not come yet.
  struct Frame {
    let isMapping: Bool
    let anchor: String?
    /// Its place in `positions`.
    let node: Int
    /// Bytes of text in the document when it began.
    let bytesBefore: Int
    /// Levels of collections below it.
    var height = 0
    var elements: [JSONValue] = []
    var members: [JSONObject.Member] = []
    /// The key whose value comes next.
    var key: String?
    /// Where that key stands.
    var keyPosition = ManifestPosition(line: 1, column: 1)
    /// Filled from `scannedMembers` members on: fewer are scanned.
    var names: Set<String> = []
  }

  /// What an alias stands for.
  struct Anchor {
    var value: JSONValue
    var nodes: Range<Int>
    var bytes: Int
    /// Levels of collections, itself included.
    var height: Int
  }

  static let scannedMembers = 16

  let source: String
  private(set) var documents: [ManifestDocument] = []
  private(set) var problems: [ManifestProblem] = []

  var frames: [Frame] = []
  var positions = ManifestPositions()
  var anchors: [String: Anchor] = [:]
  var bytes = 0
  var aliasNodes = 0
  var aliasBytes = 0
  private var root: JSONValue?
  /// A document of nothing, such as a trailing `---` makes, is no document.
  private var isBlank = false
  private var documentStart = 0

  init(source: String) {
    self.source = source
  }

  /// Ends building: what was wrong is noted already.
  struct Stop: Error {}

  mutating func build(from events: inout YAMLEventReader) {
    do throws(YAMLBreakage) {
      while let event = try events.next() {
        do throws(Stop) { try take(event) } catch { return }
      }
    } catch {
      note(error.message, at: error.position)
    }
  }

  mutating func note(_ message: String, at position: ManifestPosition?) {
    guard problems.count < ManifestLimits.problems else { return }
    problems.append(
      ManifestProblem(source: source, position: position, path: path, message: message))
  }

  mutating func stop(_ message: String, at position: ManifestPosition) -> Stop {
    note(message, at: position)
    return Stop()
  }

  /// The path of the value that comes next.
  private var path: String {
    var path = JSONPath()
    for frame in frames {
      if !frame.isMapping {
        path.components.append(.index(frame.elements.count))
      } else if let key = frame.key {
        path.components.append(.member(key))
      }
    }
    return path.description
  }

  private mutating func take(_ event: YAMLEvent) throws(Stop) {
    if event.end - documentStart > ManifestLimits.documentCharacters {
      throw stop(
        "the document is longer than \(ManifestLimits.documentCharacters) characters: split it",
        at: event.position)
    }
    switch event.content {
    case .documentStart:
      anchors = [:]
      (bytes, aliasNodes, aliasBytes) = (0, 0, 0)
      positions = ManifestPositions()
      isBlank = false
    case .documentEnd:
      if let root, !isBlank {
        documents.append(ManifestDocument(source: source, value: root, positions: positions))
      }
      documentStart = event.end
    case .scalar(let text, let isPlain, let properties):
      isBlank = frames.isEmpty && text.isEmpty && isPlain
      try scalar(text, isPlain: isPlain, properties, at: event.position)
    case .alias(let name):
      try alias(name, at: event.position)
    case .sequenceStart(let properties):
      try open(isMapping: false, properties, tag: "tag:yaml.org,2002:seq", at: event.position)
    case .mappingStart(let properties):
      try open(isMapping: true, properties, tag: "tag:yaml.org,2002:map", at: event.position)
    case .collectionEnd:
      close()
    }
  }

  /// Puts a finished value where it belongs: it is the next element, a member's value, or the root.
  mutating func place(_ value: JSONValue, height: Int) {
    guard let top = frames.indices.last else {
      root = value
      return
    }
    frames[top].height = max(frames[top].height, height)
    if !frames[top].isMapping {
      frames[top].elements.append(value)
    } else if let key = frames[top].key {
      frames[top].members.append((key, value))
      frames[top].key = nil
    }
  }

  /// Whether the next node is a key.
  var isAtKey: Bool {
    guard let frame = frames.last else { return false }
    return frame.isMapping && frame.key == nil
  }

  private mutating func open(
    isMapping: Bool, _ properties: YAMLEvent.Properties, tag: String, at position: ManifestPosition
  ) throws(Stop) {
    if isAtKey { throw stop("a key must be a string, is a collection", at: position) }
    if frames.count >= ManifestLimits.depth {
      throw stop("nested deeper than \(ManifestLimits.depth) levels", at: position)
    }
    if let found = properties.tag, found != tag {
      note("the tag \(found) is not supported here: leave it out", at: position)
    }
    // A block collection starts on the line below its key; people look at the key.
    let isMember = frames.last?.isMapping == true
    let node = addNode(isMember ? frames[frames.count - 1].keyPosition : position)
    if let anchor = properties.anchor { anchors[anchor] = nil }
    frames.append(
      Frame(isMapping: isMapping, anchor: properties.anchor, node: node, bytesBefore: bytes))
  }

  private mutating func close() {
    let frame = frames.removeLast()
    positions.nodes[frame.node].size = Int32(positions.nodes.count - frame.node)
    let value: JSONValue =
      frame.isMapping
      ? .object(JSONObject(uniqueMembers: frame.members)) : .array(frame.elements)
    if let anchor = frame.anchor {
      anchors[anchor] = Anchor(
        value: value, nodes: frame.node..<positions.nodes.count, bytes: bytes - frame.bytesBefore,
        height: frame.height + 1)
    }
    place(value, height: frame.height + 1)
  }

  mutating func addNode(_ position: ManifestPosition) -> Int {
    positions.nodes.append(
      ManifestPositions.Node(
        line: Int32(clamping: position.line), column: Int32(clamping: position.column)))
    return positions.nodes.count - 1
  }
}
