import Manifests
import Testing

@testable import PluginSupervision

@Suite("a folder that changes while its version is known")
struct InstallationChangeTests {
  private func installed(version: String = "1.0.0", digest: String = "", more: String = "")
    throws -> PluginDirectory.Installed
  {
    let text = "name: web\nversion: \(version)\nexecutable: run\n\(digest)\n\(more)\n"
    let document = try ManifestDocument.parse(Array(text.utf8), source: "plugin.yaml")[0]
    return PluginDirectory.Installed(
      manifest: try PluginManifest(document, folder: "/p/web"), stamp: nil)
  }

  private static let digests = ["0", "1"].map {
    "digest: sha256:\(String(repeating: $0, count: 64))"
  }

  @Test("what is the same is left alone, and settings alone are taken by a restart")
  func settings() throws {
    let before = try installed()
    #expect(InstallationChange(from: before, to: before, isRunning: true) == .nothing)
    let after = try installed(more: "arguments: [x]")
    #expect(InstallationChange(from: before, to: after, isRunning: true) == .restart)
  }

  @Test("another version or digest under a running version is refused, and says what to do")
  func refused() throws {
    let before = try installed(digest: Self.digests[0])
    for (after, words) in [
      (try installed(version: "1.1.0", digest: Self.digests[1]), "as web@1.1.0"),
      (try installed(digest: Self.digests[1]), "executable changed"),
    ] {
      guard case .refuse(let reason) = InstallationChange(from: before, to: after, isRunning: true)
      else {
        Issue.record("\(words) was not refused")
        continue
      }
      #expect(reason.contains(words))
      #expect(reason.contains("mortise plugins restart web"))
      #expect(InstallationChange(from: before, to: after, isRunning: false) == .restart)
    }
  }
}
