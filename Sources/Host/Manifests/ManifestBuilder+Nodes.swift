internal import JSON

/// Scalars, keys and aliases.
extension ManifestBuilder {
  mutating func scalar(
    _ text: String, isPlain: Bool, _ properties: YAMLEvent.Properties,
    at position: ManifestPosition
  ) throws(Stop) {
    bytes += text.utf8.count
    let value = resolve(text, isPlain: isPlain, tag: properties.tag, at: position)
    if isAtKey {
      if let anchor = properties.anchor {
        anchors[anchor] = Anchor(value: value, nodes: 0..<0, bytes: text.utf8.count, height: 0)
      }
      take(key: value, text, isPlain: isPlain, at: position)
      return
    }
    let node = addNode(position)
    if let anchor = properties.anchor {
      anchors[anchor] = Anchor(
        value: value, nodes: node..<(node + 1), bytes: text.utf8.count, height: 0)
    }
    place(value, height: 0)
  }

  private mutating func resolve(
    _ text: String, isPlain: Bool, tag: String?, at position: ManifestPosition
  ) -> JSONValue {
    var scalar: YAMLScalar = .value(.string(text))
    if let tag {
      if let tagged = YAMLScalar(text, tag: tag) {
        scalar = tagged
      } else {
        note("the tag \(tag) is not supported: leave it out", at: position)
      }
    } else if isPlain {
      scalar = YAMLScalar(plain: text)
    }
    switch scalar {
    case .value(let value): return value
    case .refused(let message):
      note(message, at: position)
      // A string, so that no second problem follows from the first.
      return .string(text)
    }
  }

  private mutating func take(
    key value: JSONValue, _ text: String, isPlain: Bool, at position: ManifestPosition
  ) {
    if value.string == nil {
      let shown = text.isEmpty ? "an empty key" : "the key \(text)"
      note("\(shown) is no string: write it in quotes", at: position)
    } else if isPlain && text == "<<" {
      note("merge keys (<<) are not supported: write the members out", at: position)
    }
    let top = frames.count - 1
    if isTaken(text, in: top) {
      note("\"\(text)\" is there twice", at: position)
    }
    frames[top].key = text
    frames[top].keyPosition = position
  }

  /// Whether the mapping has the name already; from now on it does.
  private mutating func isTaken(_ name: String, in top: Int) -> Bool {
    if frames[top].members.count < Self.scannedMembers {
      return frames[top].members.contains { $0.name == name }
    }
    if frames[top].names.isEmpty { frames[top].names = Set(frames[top].members.map(\.name)) }
    return !frames[top].names.insert(name).inserted
  }

  mutating func alias(_ name: String, at position: ManifestPosition) throws(Stop) {
    guard let anchor = anchors[name] else {
      throw stop("nothing before this is anchored as &\(name), or it is not complete", at: position)
    }
    if isAtKey {
      guard case .string(let text) = anchor.value else {
        throw stop("a key must be a string; *\(name) stands for something else", at: position)
      }
      take(key: anchor.value, text, isPlain: false, at: position)
      return
    }
    if frames.count + anchor.height > ManifestLimits.depth {
      throw stop("*\(name) nests deeper than \(ManifestLimits.depth) levels here", at: position)
    }
    aliasNodes += max(1, anchor.nodes.count)
    aliasBytes += anchor.bytes
    guard aliasNodes <= ManifestLimits.aliasNodes, aliasBytes <= ManifestLimits.aliasBytes else {
      throw stop(
        "aliases stand for more than \(ManifestLimits.aliasNodes) values or "
          + "\(ManifestLimits.aliasBytes) bytes in this document: write some of them out",
        at: position)
    }
    bytes += anchor.bytes
    if anchor.nodes.isEmpty {
      _ = addNode(position)
    } else {
      positions.nodes.append(contentsOf: positions.nodes[anchor.nodes])
    }
    place(anchor.value, height: anchor.height)
  }
}
