/// A pid says nothing of who has it by now: processes are signalled through what was opened on them.
enum SignalRules {
  /// The one wrapper that may fall back to a number, once the identity is known to hold.
  static let wrapper = "Sources/PluginSDK/LinuxSystem/PIDFD.swift"

  private static let calls = ["kill", "killpg", "tkill", "tgkill", "sigqueue"]

  static func findings(_ file: SourceFile) -> [String] {
    guard file.path != wrapper else { return [] }
    return file.code.enumerated().compactMap { line, text in
      signalsByNumber(text)
        ? file.finding(line, "a bare pid is signalled; open a PIDFD on the process's identity")
        : nil
    }
  }

  /// Calls with two arguments, of which the first is not this process: methods of the same name have one.
  private static func signalsByNumber(_ line: Substring) -> Bool {
    let words = words(line)
    return words.indices.contains { index in
      guard calls.contains(words[index]), words[(index + 1)...].first == "(",
        index == 0 || words[index - 1] != "func"
      else { return false }
      if index > 1, words[index - 1] == ".", words[index - 2] != "Glibc" { return false }
      let arguments = words[(index + 2)...]
      return arguments.contains(",") && arguments.first != "getpid"
    }
  }
}
