import Glibc
import JSON
import LinuxSystem
import TestPlaces
import Testing

@testable import PluginSupervision

@Suite("secrets of a plugin's configuration", .timeLimit(.minutes(10)))
struct SecretTests {
  private let planted = "hunter2-\"quoted\"-9f8e7d"
  private let inEnvironment = "env-secret-0a1b2c3d"

  @Test("are handed to the plugin, and found in nothing that the host keeps, shows or answers")
  func grep() async throws {
    setenv("MS_SECRET", inEnvironment, 1)
    let config =
      "config: {key: {valueFrom: {file: key.txt}}, list: [{valueFrom: {env: MS_SECRET}}], open: yes}"
    let workshop = try Workshop()
    try workshop.install(more: config)
    try workshop.install("refuser", arguments: ["--refuse-config"], more: config)
    for name in ["tester", "refuser"] {
      try AtomicFile.write("\(planted)\n".utf8, to: "\(workshop.directory)/\(name)/key.txt")
    }
    try await workshop.supervisor.start()
    let handle = try await workshop.events.nextReady("tester")
    let refusal = try await workshop.events.nextQuarantined()
    #expect(refusal.contains("config.colour: unknown in"))
    #expect(refusal.contains("[secret]"))
    // The plugin was given them: it answers with what it is asked, and writes its configuration to
    // stderr.
    #expect(handle.secrets.redact("a \(planted) b") == "a [secret] b")
    await workshop.supervisor.shutdown(grace: .seconds(5))

    let log = try FileSystem.read("\(workshop.state)/logs/plugins/tester.log")
    #expect(String(decoding: log, as: UTF8.self).contains(#"configured with {"key":"[secret]""#))
    var seen = ["\(workshop.supervisor.snapshot())", "\(workshop.events.pending)", refusal]
    for file in try FileTree.files(below: workshop.state) {
      seen.append(String(decoding: try FileSystem.read(file), as: UTF8.self))
    }
    for text in seen {
      #expect(!text.contains("hunter2") && !text.contains(inEnvironment), "\(text.prefix(400))")
    }
    try await workshop.close()
  }

  @Test(
    "that can't be read quarantine their plugin, naming the place and never a value",
    arguments: [
      ("{file: missing.txt}", "config.a.b[0]: its file can't be read"),
      ("{env: MS_UNSET}", "config.a.b[0]: the host has no variable MS_UNSET"),
      ("{file: short.txt}", "config.a.b[0]: a secret has at least 6 bytes"),
    ])
  func unreadable(reference: String, reason: String) async throws {
    let workshop = try Workshop()
    try workshop.install(more: "config: {a: {b: [{valueFrom: \(reference)}]}}")
    try AtomicFile.write("abc\n".utf8, to: "\(workshop.directory)/tester/short.txt")
    try await workshop.supervisor.start()
    let told = try await workshop.events.nextQuarantined()
    #expect(told.contains(reason))
    #expect(!told.contains("abc"))
    try await workshop.close()
  }

  @Test("lines and quoted forms of a secret are found, in JSON too, the longest first")
  func forms() throws {
    let key = "-----BEGIN-----\nAAAAbbbb\tCCCC\nok\n-----END-----"
    let (config, secrets) = try PluginSecrets.fill(
      JSONObject([
        ("key", ["valueFrom": ["env": "KEY"]]), ("part", ["valueFrom": ["env": "PART"]]),
      ]), folder: "/",
      environment: { $0 == "KEY" ? key : "AAAAbbbb" })
    #expect(config["key"]?.string == key)
    #expect(secrets.redact("x \(key) y") == "x [secret] y")
    #expect(secrets.redact("AAAAbbbb\tCCCC and ok") == "[secret] and ok")
    #expect(secrets.redact(#"{"k":"AAAAbbbb\tCCCC"}"#) == #"{"k":"[secret]"}"#)
    #expect(
      secrets.redact(["AAAAbbbb": ["n": 1, "s": "my AAAAbbbb"]])
        == ["AAAAbbbb": ["n": 1, "s": "my [secret]"]])
  }
}
