import JSON
import Model
import PluginProto
import TTRPC
import Testing

@testable import MortiseCLI

@Suite("following shows the way and ends with its outcome")
struct FollowingTests {
  private static let pending = Sample.resource(phase: "Pending")
  private static let planned = Sample.resource(
    phase: "Initializing", plan: Sample.plan(complete: 1))
  private static let complete = {
    var resource = Sample.resource(
      phase: "Running", observed: 1, plan: Sample.plan(complete: 3, phase: .complete))
    resource.metadata.creationTimestamp = nil
    return resource
  }()
  private static let failed = Sample.resource(phase: "Initializing", plan: Sample.failedPlan())
  private static let lost = RPCError(.unavailable, reason: "ShuttingDown", message: "going away")

  private static func record(_ scripts: [[HostRecord.Step]]) -> HostRecord {
    HostRecord([pending]) { state in
      state.scripts = scripts
      state.applied = HostV1.ApplyReply(applied: [
        HostV1.Applied(
          name: HostV1.ObjectName(kind: "StatefulNode", namespace: "default", name: "redis"),
          action: .created, generation: 1)
      ])
    }
  }

  @Test("apply --wait ends with 0 when the plan completed")
  func applied() async throws {
    let host = try FakeHost(
      Self.record([[.changed(Self.planned), .changed(Self.complete), .hang]]))
    defer { try? host.stop() }
    let result = try await mortise("apply", "-f", "-", "--wait", host: host, input: "a: b")
    #expect(result.code == .ok)
    #expect(
      result.lines == [
        "statefulnode/redis created", "statefulnode/redis: phase Pending",
        "statefulnode/redis: plan init of 3 tasks",
        "statefulnode/redis: init/ensure-data-pvc Complete in 1.0s",
        "statefulnode/redis: phase Initializing",
        "statefulnode/redis: init/apply-statefulset Complete in 1.0s",
        "statefulnode/redis: init/mark-ready Complete in 1.0s",
        "statefulnode/redis: plan init Complete", "statefulnode/redis: phase Running",
      ])
  }

  @Test("apply --wait ends with 1 when the plan failed, saying why and where to look")
  func failed() async throws {
    let host = try FakeHost(Self.record([[.changed(Self.failed), .hang]]))
    defer { try? host.stop() }
    let result = try await mortise("apply", "-f", "-", "--wait", host: host, input: "a: b")
    #expect(result.code == .failed)
    #expect(
      result.errors == """
        mortise: statefulnode/redis: plan init failed: apply-statefulset: ImageUnknown: no image \
        redis:9
          see: mortise describe statefulnode/redis

        """)
  }

  @Test("a host that goes away and comes back is followed on")
  func reconnects() async throws {
    let host = try FakeHost(
      Self.record([
        [.changed(Self.planned), .fail(Self.lost)],
        [.become([Self.complete]), .fail(Self.lost)],
      ]))
    defer { try? host.stop() }
    let result = try await mortise(
      "wait", "statefulnode/redis", "--for=phase=Running", host: host)
    #expect(result.code == .ok)
    #expect(result.lines.last == "statefulnode/redis: phase Running")
    #expect(
      result.lines.filter { $0 == "the host went away; waiting for it to come back" }.count == 2)
  }

  @Test("a watch from versions that are gone begins anew, silently")
  func compacted() async throws {
    let compacted = RPCError(.outOfRange, reason: "Compacted", message: "too old")
    let host = try FakeHost(
      Self.record([[.become([Self.complete]), .fail(compacted)], [.hang]]))
    defer { try? host.stop() }
    let result = try await mortise("wait", "statefulnode/redis", "--for", "steady", host: host)
    #expect(result.code == .ok)
    #expect(!result.output.contains("went away"))
  }

  @Test("waiting for what is not met ends with 6, the work left to the host")
  func timedOut() async throws {
    let host = try FakeHost(Self.record([[.hang]]))
    defer { try? host.stop() }
    let result = try await mortise(
      "wait", "statefulnode/redis", "--for=condition=Ready", "--timeout", "50ms", host: host)
    #expect(result.code == .timedOut)
    #expect(
      result.errors == "mortise: timed out; the host goes on with the work. Look again with: "
        + "mortise watch statefulnode/redis\n")
  }

  @Test("delete --wait ends when the object is gone, waiting for more than that never")
  func deleted() async throws {
    let host = try FakeHost(Self.record([[.deleted(Self.pending), .hang]]))
    defer { try? host.stop() }
    let result = try await mortise("delete", "statefulnode/redis", "--wait", host: host)
    #expect(result.code == .ok)
    #expect(result.lines.last == "statefulnode/redis: deleted")
    let other = try FakeHost(Self.record([[.deleted(Self.pending), .hang]]))
    defer { try? other.stop() }
    let gone = try await mortise("wait", "statefulnode/redis", "--for=phase=Running", host: other)
    #expect(gone.code == .notFound)
  }

  @Test("waiting for the deletion of what is not there is over at once")
  func absent() async throws {
    let host = try FakeHost(HostRecord())
    defer { try? host.stop() }
    let gone = try await mortise("wait", "statefulnode/redis", "--for=delete", host: host)
    #expect(gone.code == .ok)
    let missing = try await mortise("wait", "statefulnode/redis", "--for=phase=A", host: host)
    #expect(missing.code == .notFound)
    let watched = try await mortise("watch", "statefulnode/redis", host: host)
    #expect(watched.code == .notFound)
  }

  @Test("watch -o json prints a line for each change, of objects gone meanwhile too")
  func watchLines() async throws {
    let other = Sample.resource("other", phase: "Running")
    let refused = RPCError(.permissionDenied, reason: "Enough", message: "the test is over")
    let host = try FakeHost(
      HostRecord([Self.pending, other]) { state in
        state.scripts = [
          [.changed(Self.planned), .become([Self.planned]), .fail(Self.lost)],
          [.deleted(Self.planned), .fail(refused)],
        ]
      })
    defer { try? host.stop() }
    let result = try await mortise("watch", "statefulnode", "-o", "json", host: host)
    let lines = try result.lines.map { try JSONValue(parsing: $0) }
    #expect(
      lines.map {
        "\($0["type"]?.string ?? "") \($0["object"]?["metadata"]?["name"]?.string ?? "")"
      }
        == [
          "ADDED redis", "ADDED other", "MODIFIED redis", "DELETED other", "DELETED redis",
        ])
    #expect(result.code == .refused)
  }

  @Test("on a terminal the plan is drawn in place and its last state stays")
  func terminal() async throws {
    let host = try FakeHost(
      Self.record([[.changed(Self.planned), .changed(Self.complete), .hang]]))
    defer { try? host.stop() }
    let result = try await mortise(
      "wait", "statefulnode/redis", "--for=phase=Running", host: host,
      terminal: TerminalSize(columns: 40, rows: 24))
    #expect(result.code == .ok)
    let drawn = result.output.components(after: "\u{1B}[J")
    #expect(drawn.count >= 2)
    #expect(drawn.last?.contains("init 3/3") == true)
  }
}

extension String {
  /// The parts between the separators.
  fileprivate func components(after separator: String) -> [String] {
    var parts: [String] = [""]
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(separator) {
        rest = rest.dropFirst(separator.count)
        parts.append("")
      } else {
        parts[parts.count - 1].append(rest.removeFirst())
      }
    }
    return parts
  }
}
