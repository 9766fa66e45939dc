internal import JSON
internal import LinuxSystem
public import Manifests
internal import Model

extension PluginManifest {
  /// Longest plugin.yaml that is read.
  static let fileBytesMax = 1 << 20

  /// Reads `<folder>/plugin.yaml` and checks it.
  ///
  /// - Parameter folder: absolute path of the plugin's folder.
  /// - Throws: all that is wrong, each with file, line, column and path.
  public static func read(folder: String) throws(ManifestError) -> PluginManifest {
    let source = "\(folder)/\(fileName)"
    let text: [UInt8]
    do throws(SystemError) {
      text = try FileSystem.read(source, limit: fileBytesMax)
    } catch {
      throw refusal(source, "\(error)")
    }
    let documents = try ManifestDocument.parse(text, source: source)
    guard documents.count == 1 else {
      throw refusal(source, "must hold one document, holds \(documents.count)")
    }
    return try PluginManifest(documents[0], folder: folder)
  }

  init(_ document: ManifestDocument, folder: String) throws(ManifestError) {
    let found = Self.schema.validate(document.value)
    guard found.isEmpty else { throw ManifestError(problems: document.problems(found)) }
    let value = Self.schema.applyingDefaults(document.value)
    var problems: [ManifestProblem] = []

    name = value["name"]?.string ?? ""
    version = value["version"]?.string ?? ""
    self.folder = folder
    isExternal = value["external"]?.bool ?? false
    let executable = value["executable"]?.string ?? ""
    self.executable =
      executable.isEmpty || executable.hasPrefix("/") ? executable : "\(folder)/\(executable)"
    arguments = value["arguments"]?.strings ?? []
    digest = value["digest"]?.string
    environment = value["environment"]?.strings ?? []
    limits = PluginLimits()
    files = value["files"].map { files in
      PluginFiles(read: files["read"]?.strings ?? [], write: files["write"]?.strings ?? [])
    }
    config = value["config"]?.object ?? JSONObject()
    grants = PluginGrants(
      intents: value["grants"]?["intents"]?.strings ?? [],
      targets: value["grants"]?["targets"]?.strings ?? [])
    blueprints = []

    let label = place.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    if name != label[0] {
      problems.append(document.problem(at: "name", "must be the name of its folder, \(label[0])"))
    }
    if label.count == 2, version != label[1] {
      problems.append(
        document.problem(at: "version", "must be what its folder says after @, \(label[1])"))
    }
    problems += Self.problems(ofStart: value, in: document)
    for (index, variable) in environment.enumerated()
    where PluginProcess.ownVariables.contains(variable) {
      problems.append(
        document.problem(at: "environment[\(index)]", "the host itself sets \(variable)"))
    }
    limits.openFiles = value["limits"]?["openFiles"]?.integer.map { UInt64(clamping: $0) }
    limits.processes = value["limits"]?["processes"]?.integer.map { UInt64(clamping: $0) }
    if let memory = value["limits"]?["memory"]?.string {
      limits.memory = Self.bytes(memory)
      if limits.memory == nil {
        problems.append(
          document.problem(
            at: "limits.memory", "must be whole bytes, or whole Ki, Mi, Gi or Ti of them: 512Mi"))
      }
    }
    do throws(SystemError) {
      blueprints = try Self.blueprints(in: folder)
    } catch {
      problems.append(document.problem(at: "", "its blueprints can't be listed: \(error)"))
    }
    for problem in PluginSecrets.problems(in: config) {
      problems.append(document.problem(at: "config\(problem.path)", problem.message))
    }
    if !problems.isEmpty { throw ManifestError(problems: problems) }
  }

  /// Who starts it, and whether it outlives the host.
  private static func problems(ofStart value: JSONValue, in document: ManifestDocument)
    -> [ManifestProblem]
  {
    var problems: [ManifestProblem] = []
    if value["survivesHost"]?.bool == true {
      problems.append(
        document.problem(
          at: "survivesHost",
          "true is not offered: what the host starts ends with it. Start the plugin yourself and let "
            + "it join by its socket (external: true); then it outlives the host"))
    }
    let isExternal = value["external"]?.bool ?? false
    if isExternal == (value["executable"] != nil) {
      problems.append(
        document.problem(
          at: "executable",
          isExternal
            ? "must not be there: an external plugin is started by others"
            : "is missing; a plugin that others start says external: true"))
    }
    return problems
  }

  /// `512Mi` as bytes; nil where it is no whole number of them. The host's own file uses it, too.
  public static func bytes(_ quantity: String) -> UInt64? {
    let units: [(suffix: String, bytes: UInt64)] = [
      ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40),
    ]
    let unit = units.first { quantity.hasSuffix($0.suffix) }
    guard let number = UInt64(quantity.dropLast(unit == nil ? 0 : 2)), number > 0 else {
      return nil
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit?.bytes ?? 1)
    return overflow ? nil : bytes
  }

  private static func blueprints(in folder: String) throws(SystemError) -> [String] {
    let directory = "\(folder)/blueprints"
    guard try FileSystem.status(directory) != nil else { return [] }
    return try FileSystem.list(directory).filter { $0.hasSuffix(".yaml") }
      .map { "\(directory)/\($0)" }
  }

  private static func refusal(_ source: String, _ message: String) -> ManifestError {
    ManifestError(problems: [
      ManifestProblem(source: source, position: nil, path: "", message: message)
    ])
  }
}

extension JSONValue {
  fileprivate var strings: [String] { array?.compactMap(\.string) ?? [] }
}
