internal import JSON
internal import Model

/// A piece of a list: as much as fits a frame.
struct ListPage: Sendable {
  var objects: [VisibleObject] = []
  /// Of the store when its first object was read.
  var version: UInt64 = 0
  /// The last object that was looked at, where more are behind it.
  var next: ObjectKey?

  /// Bytes of objects in one page at most; one object alone may be more, as the store keeps none
  /// that does not fit a frame.
  static let bytesLimit = 3 << 20
  /// Objects read at once: the first piece is small, since most lists are.
  static let firstRead = 64
  static let laterReads = 512

  /// Reads on behind `key` until the page is full or the objects are all.
  static func read(
    _ query: ListQuery, after key: ObjectKey?, limit: Int, from store: any ObjectStore
  ) async throws(StoreError) -> ListPage {
    var page = ListPage()
    var last = key
    var bytes = 0
    var count = firstRead
    while true {
      let found = try await store.list(query.filter, after: last, limit: count)
      if page.version == 0 { page.version = found.version }
      for stored in found.objects {
        guard let object = query.chosen(stored) else {
          last = stored.key
          continue
        }
        let isFull = page.objects.count == limit || bytes + object.document.count > bytesLimit
        if isFull, !page.objects.isEmpty {
          page.next = last
          return page
        }
        page.objects.append(object)
        bytes += object.document.count
        last = stored.key
      }
      if found.objects.count < count { return page }
      count = laterReads
    }
  }
}

/// Which objects somebody asked for.
struct ListQuery: Sendable {
  var filter: ObjectFilter
  var selector: LabelSelector
  /// Empty = any.
  var name = ""

  /// The object as callers see it; nil where it is not asked for.
  func chosen(_ stored: StoredObject) -> VisibleObject? {
    guard name.isEmpty || name == stored.key.name,
      selector.isEmpty || selector.matches(stored.labels)
    else { return nil }
    return VisibleObject(stored)
  }
}

/// An object as callers see it, with the store's version in its metadata.
struct VisibleObject: Sendable {
  var key: ObjectKey
  var version: UInt64
  var document: [UInt8]

  init(_ stored: StoredObject) {
    key = stored.key
    version = stored.version
    document = stored.body
    guard let metadata = stored.metadataRange else { return }
    let separator = metadata.count > 2 ? "," : ""
    document.insert(
      contentsOf: Array("\(separator)\"resourceVersion\":\"\(version)\"".utf8),
      at: metadata.upperBound - 1)
  }
}

extension StoredObject {
  /// Where the object stands that has the metadata; nil where there is none.
  fileprivate var metadataRange: Range<Int>? {
    guard let range = MemberScan.range(of: "metadata", in: body),
      body[range.lowerBound] == UInt8(ascii: "{")
    else { return nil }
    return range
  }

  fileprivate var labels: [(name: String, value: String)] {
    guard let range = metadataRange, let metadata = try? JSONValue(parsing: body[range]) else {
      return []
    }
    return metadata["labels"]?.object?.members.compactMap { member in
      member.value.string.map { (member.name, $0) }
    } ?? []
  }
}
