import FoundationEssentials
import JSON
import TTRPC

/// Params and outputs between JSON bytes and the types of a task.
enum ParamsCoding {
  /// Why bytes are not of a type: one sentence that names the path.
  struct Mismatch: Error, Equatable {
    var message: String
  }

  /// - Parameter root: names the document in errors: "params".
  static func decode<Value: Codable>(
    _ type: Value.Type, from bytes: [UInt8], _ root: String
  ) throws(Mismatch) -> Value {
    // Absent JSON is an empty field; every type takes it as an object without members.
    let bytes = bytes.isEmpty ? Array("{}".utf8) : bytes
    if type == JSONValue.self {
      do throws(JSONParseError) {
        // The types are the same one, so the cast can't fail.
        return try JSONValue(parsing: bytes) as! Value
      } catch {
        throw Mismatch(message: "\(root) is no JSON: \(error)")
      }
    }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw Mismatch(message: describe(error, root))
    } catch {
      throw Mismatch(message: "\(root): \(error)")
    }
  }

  static func encode(_ value: some Encodable) throws(Mismatch) -> [UInt8] {
    if let value = value as? JSONValue { return value.serialized() }
    do {
      let encoder = JSONEncoder()
      // The same outputs are the same bytes, whichever process encoded them.
      encoder.outputFormatting = .sortedKeys
      return Array(try encoder.encode(value))
    } catch {
      throw Mismatch(message: "outputs can't be encoded: \(error)")
    }
  }

  private static func describe(_ error: DecodingError, _ root: String) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "\(path(context.codingPath + [key], root)) is missing"
    case .typeMismatch(let type, let context):
      "\(path(context.codingPath, root)) is not of type \(type)"
    case .valueNotFound(let type, let context):
      "\(path(context.codingPath, root)) is null where \(type) is expected"
    case .dataCorrupted(let context):
      "\(path(context.codingPath, root)): \(context.debugDescription)"
    @unknown default: "\(root): \(error)"
    }
  }

  private static func path(_ keys: [any CodingKey], _ root: String) -> String {
    let components = keys.map { key in
      key.intValue.map(JSONPath.Component.index) ?? .member(key.stringValue)
    }
    return JSONPath([.member(root)] + components).description
  }
}

extension RPCError {
  /// The params of a call are not what its type takes.
  static func invalidParams(_ mismatch: ParamsCoding.Mismatch) -> RPCError {
    RPCError(.invalidArgument, reason: "InvalidParams", message: mismatch.message)
  }
}
