/// One import of one file.
struct Import {
  let file: SourceFile
  let line: Int
  let module: String
  let isPublic: Bool

  static func all(in files: [SourceFile]) -> [Import] {
    files.flatMap { file in
      file.code.enumerated().compactMap { line, text in
        guard text.contains("import"), let found = Declaration(text), found.keyword == "import"
        else { return nil }
        // `import struct Module.Name` names the module second.
        let isScoped = Declaration.types.union(["func", "var", "let"]).contains(found.name)
        let module = isScoped ? found.rest.first ?? "" : found.name
        return Import(file: file, line: line, module: module, isPublic: found.isPublic)
      }
    }
  }

  func finding(_ message: String) -> String {
    file.finding(line, "imports \(module): \(message)")
  }
}

/// Who may import whom; the dependency direction of the house.
struct ImportRules {
  /// Modules of the groups under Sources.
  let sdk: Set<String>
  let host: Set<String>
  let builtin: Set<String>
  let c: Set<String>

  /// Of the toolchain, open to all but the pure modules.
  private static let toolchain: Set<String> = ["Glibc", "Synchronization"]
  /// Rules and machines: no clock, no I/O.
  private static let pure: Set<String> = [
    "Model", "Planning", "Execution", "Convergence", "Rollout",
  ]
  private static let pureMayImport: Set<String> = ["Model", "JSON"]
  /// Pure in what they compute: a calendar and a hash.
  private static let pureExceptions: [String: String] = [
    "Sources/Host/Model/Timestamp.swift": "Glibc", "Sources/Host/Model/Digest.swift": "CDigest",
  ]

  /// The modules that these files lie in; those with a C header or a module map are C.
  init(files: [SourceFile]) {
    var groups: [String: Set<String>] = [:]
    var c: Set<String> = []
    for file in files {
      guard let module = file.module else { continue }
      groups[module.group, default: []].insert(module.name)
      if file.path.hasSuffix("module.modulemap") || file.path.hasSuffix(".h") {
        c.insert(module.name)
      }
    }
    sdk = groups["PluginSDK"] ?? []
    host = groups["Host"] ?? []
    builtin = groups["BuiltinTasks"] ?? []
    self.c = c
  }

  func findings(_ imports: [Import]) -> [String] {
    imports.compactMap(finding) + sharedCModules(imports)
  }

  private func finding(_ found: Import) -> String? {
    guard let module = found.file.module else { return nil }
    let name = found.module
    if name.hasPrefix("Foundation"), name != "FoundationEssentials" || module.group != "PluginSDK" {
      return found.finding("no Foundation here")
    }
    if c.contains(name), found.isPublic { return found.finding("C modules are imported internal") }
    switch module.group {
    case "PluginSDK" where host.contains(name) || builtin.contains(name):
      return found.finding("the SDK imports nothing of the host or of what ships")
    case "ConformanceKit":
      return sdk.subtracting(c).union(Self.toolchain).contains(name)
        ? nil : found.finding("the kit knows plugins by their protocol alone")
    case "BuiltinTasks", "plugins":
      let allowed = sdk.subtracting(c).union(builtin).union(Self.toolchain)
      return allowed.contains(name)
        ? nil : found.finding("what ships is written against the SDK alone")
    case "Host" where Self.pure.contains(module.name):
      if Self.pureMayImport.contains(name) || Self.pureExceptions[found.file.path] == name {
        return nil
      }
      return found.finding("\(module.name) is pure")
    case "Host" where builtin.contains(name):
      return found.finding("the host knows no task that ships")
    default:
      return nil
    }
  }

  private func sharedCModules(_ imports: [Import]) -> [String] {
    var importers: [String: Set<String>] = [:]
    for found in imports where c.contains(found.module) {
      guard let module = found.file.module else { continue }
      importers[found.module, default: []].insert(module.name)
    }
    return importers.filter { $0.value.count > 1 }.map { name, modules in
      "\(name) is imported by \(modules.sorted().joined(separator: " and ")): one wrapper is enough"
    }.sorted()
  }
}
