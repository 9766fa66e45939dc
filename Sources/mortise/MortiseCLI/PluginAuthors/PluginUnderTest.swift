internal import ConformanceKit
internal import JSON
internal import LinuxSystem
internal import Manifests
internal import PluginSupervision

/// Finds out what is to be tested: from a plugin's folder, from its executable, or from a socket.
struct PluginUnderTest {
  /// The name of the file with the samples.
  static let samplesName = "conformance.yaml"

  static let samplesOption = Option(
    "samples", .text("FILE"), "Sample params and effects; conformance.yaml beside the plugin")
  static let setOption = Option(
    "set", .text("NAME=VALUE"), "What ${NAME} stands for in the samples", isRepeatable: true)
  static let plugin = Positional(
    "PATH", .optional, "A plugin's folder with its plugin.yaml, or its executable")

  /// - Throws: exit code 2 where nothing, or two things, are named; 1 where a file can't be read.
  static func subject(_ invocation: Invocation) throws(CommandFailure) -> ConformanceSubject {
    let path = invocation.arguments.positional(0).map(invocation.surroundings.absolute)
    let socket = invocation.arguments.value(HostLink.option).map(invocation.surroundings.absolute)
    var subject: ConformanceSubject
    switch (path, socket) {
    case (let path?, nil): subject = try program(at: path, invocation.surroundings)
    case (nil, let socket?): subject = ConformanceSubject(.socket(socket))
    default:
      throw CommandFailure(
        .usage, "mortise: name either a plugin's folder or executable, or --socket SOCKET")
    }
    try addSamples(to: &subject, beside: path, invocation)
    return subject
  }

  private static func program(
    at path: String, _ surroundings: Surroundings
  ) throws(CommandFailure) -> ConformanceSubject {
    let status: FileSystem.Status?
    do throws(SystemError) {
      status = try FileSystem.status(path)
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
    guard let status else { throw CommandFailure(.failed, "mortise: \(path) does not exist") }
    let isFolder = status.kind == .directory
    guard isFolder else {
      return ConformanceSubject(.program(path: path, arguments: []))
    }
    do throws(ManifestError) {
      let manifest = try PluginManifest.read(folder: path)
      var environment: [String: String] = [:]
      for name in manifest.environment { environment[name] = surroundings.environment[name] }
      return ConformanceSubject(
        .program(path: manifest.executable, arguments: manifest.arguments),
        workingDirectory: path, environment: environment, name: manifest.name,
        version: manifest.version, config: .object(manifest.config))
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
  }

  private static func addSamples(
    to subject: inout ConformanceSubject, beside path: String?, _ invocation: Invocation
  ) throws(CommandFailure) {
    var variables: [String: String] = [:]
    for text in invocation.arguments.values(setOption) {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw CommandFailure(.usage, "mortise: --set \(text): write NAME=VALUE")
      }
      variables[String(parts[0])] = String(parts[1])
    }
    if let file = try samplesFile(beside: path, invocation) {
      subject.samples = try read(file)
      subject.environment.merge(subject.samples.environment) { $1 }
    }
    subject.samples.set(variables)
  }

  /// The file that is named, or the one that lies where it is looked for; nil where none does.
  private static func samplesFile(
    beside path: String?, _ invocation: Invocation
  ) throws(CommandFailure) -> String? {
    if let file = invocation.arguments.value(samplesOption) {
      return invocation.surroundings.absolute(file)
    }
    guard let path else { return nil }
    for folder in [path, FileSystem.parent(of: path)] {
      let file = "\(folder)/\(samplesName)"
      if (try? FileSystem.status(file)) ?? nil != nil { return file }
    }
    return nil
  }

  private static func read(_ file: String) throws(CommandFailure) -> Samples {
    let text: [UInt8]
    do throws(SystemError) {
      text = try FileSystem.read(file)
    } catch {
      throw CommandFailure(.failed, "mortise: \(error)")
    }
    do {
      let documents = try ManifestDocument.parse(text, source: file)
      return try Samples(documents.first?.value ?? [:])
    } catch {
      throw CommandFailure(.failed, "mortise: \(file): \(error)")
    }
  }
}
