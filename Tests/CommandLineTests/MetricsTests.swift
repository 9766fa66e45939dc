import PluginProto
import Rollout
import Testing

@testable import MortiseCLI

@Suite("metrics print the host's figures")
struct MetricsTests {
  @Test("metrics have a rollout's ends and children, each series once, odd names escaped")
  func metrics() async throws {
    let host = try FakeHost(
      HostRecord([
        try SampleRollout(
          state: .failed, children: [.complete: 2, .failed: 1], trouble: "shop-0: no room"
        ).resource
      ]) { state in
        state.plugins = [.init(name: "a\"b", version: "1.0.0", state: "Ready", restarts: 4)]
      })
    defer { try? host.stop() }
    let result = try await mortise("metrics", host: host)
    #expect(result.code == .ok)
    let labels = #"{namespace="default",rollout="shop""#
    for line in [
      #"mortise_info{version="9.9.9"} 1"#,
      #"mortise_plugin_restarts_total{plugin="a\"b",version="1.0.0"} 4"#,
      "# TYPE mortise_rollout_attempts_ended gauge",
      "mortise_rollout_attempts_ended\(labels),state=\"Failed\"} 1",
      "mortise_rollout_attempts_ended\(labels),state=\"Complete\"} 0",
      "mortise_rollout_children\(labels),state=\"Complete\"} 2",
      "mortise_rollout_degraded\(labels)} 1", "mortise_rollout_paused\(labels)} 0",
    ] {
      #expect(result.lines.count { $0 == line } == 1, "\(line)")
    }
  }
}
