/// An object that is being written, member by member: as text right away, or as a value.
///
/// What is stored often is written so: a value of it, with its arrays and strings, would be made only
/// to be serialized and dropped.
///
/// - Invariant: both give the same document (guarded by `JSONMembersTests`). No name is given twice;
///   nobody looks.
public struct JSONMembers {
  private var text = JSONSerializer()
  private var value = JSONObject()
  private let isText: Bool
  /// Nothing was written into the innermost object yet.
  private var isEmpty = true

  private init(isText: Bool) {
    self.isText = isText
  }

  /// The object as compact JSON, in room for so many bytes at first.
  public static func text(expectedBytes: Int = 0, _ write: (inout JSONMembers) -> Void) -> [UInt8] {
    var members = JSONMembers(isText: true)
    members.text.bytes.reserveCapacity(expectedBytes)
    members.braced(write)
    return members.text.bytes
  }

  /// The object as a value.
  public static func value(_ write: (inout JSONMembers) -> Void) -> JSONValue {
    var members = JSONMembers(isText: false)
    write(&members)
    return .object(members.value)
  }

  /// A member with any value.
  public mutating func put(_ name: String, _ member: JSONValue) {
    if begin(name) { text.append(member) } else { value.appendUnique(name, member) }
  }

  /// A member with a text.
  public mutating func put(_ name: String, _ member: String) {
    if begin(name) {
      text.append(quoted: member)
    } else {
      value.appendUnique(name, .string(member))
    }
  }

  /// A member that is an object of its own.
  public mutating func put(_ name: String, _ write: (inout JSONMembers) -> Void) {
    if begin(name) {
      braced(write)
    } else {
      value.appendUnique(name, Self.value(write))
    }
  }

  /// A member that is a list of so many objects; each is asked for by its index.
  public mutating func put(
    _ name: String, objects count: Int, _ write: (Int, inout JSONMembers) -> Void
  ) {
    guard begin(name) else {
      let objects = (0..<count).map { index in Self.value { write(index, &$0) } }
      return value.appendUnique(name, .array(objects))
    }
    text.bytes.append(UInt8(ascii: "["))
    for index in 0..<count {
      if index > 0 { text.bytes.append(UInt8(ascii: ",")) }
      braced { write(index, &$0) }
    }
    text.bytes.append(UInt8(ascii: "]"))
  }

  /// Writes what stands before a member's value; false where it is to be a value.
  private mutating func begin(_ name: String) -> Bool {
    guard isText else { return false }
    if !isEmpty { text.bytes.append(UInt8(ascii: ",")) }
    isEmpty = false
    text.append(quoted: name)
    text.bytes.append(UInt8(ascii: ":"))
    return true
  }

  private mutating func braced(_ write: (inout JSONMembers) -> Void) {
    isEmpty = true
    text.bytes.append(UInt8(ascii: "{"))
    write(&self)
    text.bytes.append(UInt8(ascii: "}"))
    isEmpty = false
  }
}
