internal import Glibc

/// Where things are: links, the working directory, directories made for a while.
extension FileSystem {
  /// What a symbolic link names, as it is written there; `/proc/self/exe` names this program.
  public static func target(ofLink path: String) throws(SystemError) -> String {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { text in
        let length = readlink(path, text.baseAddress!, text.count)
        if length < 0 { code = errno }
        return max(0, length)
      }
    }
    if code != 0 { throw SystemError(code: code, call: "readlink", subject: path) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The directory that relative paths of this process start at.
  public static func workingDirectory() throws(SystemError) -> String {
    guard let path = getcwd(nil, 0) else { throw SystemError(code: errno, call: "getcwd") }
    defer { free(path) }
    return String(cString: path)
  }

  /// Makes a directory for this user alone, whose name begins with `prefix` and is nobody else's.
  public static func makeTemporaryDirectory(_ prefix: String) throws(SystemError) -> String {
    var template = Array("\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SystemError(code: errno, call: "mkdtemp", subject: FileSystem.parent(of: prefix))
    }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
