import JSON
import Testing

@testable import Daemon
@testable import Model
@testable import Planning

@Suite("Cancels and reverts over the end of a host", .timeLimit(.minutes(10)))
struct TaskRunRestartTests {
  private static let phases: [JSONValue] = [
    ["name": "first", "set": ["t1/a": 1], "keys": ["group"]],
    ["name": "second", "set": ["t1/a": 2, "t2/b": 1]],
  ]

  /// A run that is parked on t2, which is away.
  private func parked() async throws -> (RunWorld, RunHost) {
    let world = try RunWorld()
    let host = try await world.start()
    world.targets.change { $0.away = ["t2"] }
    await host.cutOff("t2")
    try await world.ask(Self.phases)
    await host.wake()
    try await world.until("it parks") {
      try await world.resource()?.status.plan?.tasks[1].park?.reason == .targetUnreachable
    }
    return (world, host)
  }

  private func checkUndone(_ world: RunWorld) async throws {
    try await world.untilOver()
    let resource = try #require(try await world.resource())
    #expect(try resource.status.taskRun()?.state == .cancelled)
    #expect(resource.status.revert?.state == .complete)
    #expect(world.held.isEmpty)
    #expect(world.claims.isEmpty)
    #expect(try world.intents.isEmpty)
  }

  @Test("a cancel that was recorded while the host stopped is carried out by the next one")
  func cancelDuringShutdown() async throws {
    let (world, host) = try await parked()
    host.store.die()
    #expect(try await world.change { TaskRunPlanner.cancel(&$0) } == .change)
    world.targets.change { $0.away = [] }
    let next = try await world.start()
    try await checkUndone(world)
    withExtendedLifetime(next) {}
  }

  @Test("a revert that is parked when its host ends goes on with the next one")
  func revertOverRestart() async throws {
    let (world, host) = try await parked()
    try await world.change { TaskRunPlanner.cancel(&$0) }
    await host.wake()
    try await world.until("its revert parks") {
      guard let plan = try await world.resource()?.status.plan, plan.reverts != nil
      else { return false }
      return plan.tasks.first?.park?.reason == .targetUnreachable
    }
    host.store.die()
    #expect(world.claims == ["group"])
    world.targets.change { $0.away = [] }
    let next = try await world.start()
    try await checkUndone(world)
    withExtendedLifetime(next) {}
  }
}
