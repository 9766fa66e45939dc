import JSON
import Testing

@testable import Execution
@testable import Model

@Suite("Who carries a task out is durable before it is given the task")
struct TaskOutlookTests {
  private let old = TaskProvider(plugin: "p@1.0.0", digest: "sha256:1")
  private let new = TaskProvider(plugin: "p@1.1.0", digest: "sha256:2")

  private func machine(
    _ provider: TaskProvider?, hold: String? = nil, isCertain: Bool = true,
    _ change: (inout PlannedTask) -> Void = { _ in }
  ) -> PlanExecutor {
    var outlook = TaskOutlook()
    for index in 0..<2 {
      outlook.prospects[index] = provider.map { .provider($0) } ?? .absent("nobody is there")
      outlook.holds[index] = hold
    }
    var first = task("one")
    change(&first)
    return PlanExecutor(
      status: status([first, task("two")]), isCertain: isCertain, outlook: outlook)
  }

  private func named(_ provider: TaskProvider) -> (inout PlannedTask) -> Void {
    { task in
      task.plugin = provider.plugin
      task.pluginDigest = provider.digest
    }
  }

  @Test("an unnamed task is named, and flushed, before it is delivered; so are those that follow")
  func naming() {
    var executor = machine(old)
    #expect(executor.on(.advance, at: start) == .rest(until: start))
    #expect(executor.plan.tasks.map(\.plugin) == ["p@1.0.0", "p@1.0.0"])
    #expect(executor.plan.tasks[0].submittedAt == nil)
    var next = PlanExecutor(
      status: executor.status, isCertain: true, outlook: executor.outlook)
    #expect(next.on(.advance, at: start) == .execute(0, params: [:]))
  }

  @Test("a task that has not begun goes to the version that serves by now")
  func renaming() {
    var executor = machine(new, named(old))
    #expect(executor.on(.advance, at: start) == .rest(until: start))
    #expect(executor.plan.tasks[0].plugin == "p@1.1.0")
    #expect(executor.plan.tasks[0].pluginDigest == "sha256:2")
  }

  @Test("a task that has begun stays with its version, whatever serves by now")
  func sticking() {
    var executor = machine(new) { task in
      named(old)(&task)
      submitted(&task)
    }
    #expect(executor.on(.advance, at: start) == .execute(0, params: [:]))
    #expect(executor.plan.tasks[0].plugin == "p@1.0.0")
  }

  @Test("what is unknown is asked of the version that was named, and of nobody where none was")
  func recovery() {
    var lost = machine(new, isCertain: false, named(old))
    #expect(lost.on(.advance, at: start) == .recover(0, params: [:]))
    #expect(lost.plan.tasks[0].plugin == "p@1.0.0")
    var fresh = machine(new, isCertain: false)
    #expect(fresh.on(.advance, at: start) == .rest(until: start))
  }

  @Test("a refused delivery and a new attempt are for whoever serves then")
  func released() {
    let refusal = CallFailure(
      code: .unavailable, reason: "Full", message: "", mayHaveBeenReceived: true, isAnswer: true)
    for answer: TaskAnswer in [
      .callFailed(refusal), .noPlugin(message: "gone"),
      .failed(broken, isTransient: true, retryAfter: nil),
    ] {
      var executor = machine(old) { task in
        named(old)(&task)
        task.retriesLeft = 1
      }
      #expect(executor.on(.advance, at: start) == .execute(0, params: [:]))
      _ = executor.on(.answered(answer, from: old), at: start)
      let later = machine(new).outlook
      var next = PlanExecutor(status: executor.status, isCertain: true, outlook: later)
      _ = next.on(.advance, at: start + .seconds(30))
      #expect(next.plan.tasks[0].plugin == "p@1.1.0", "\(answer)")
    }
  }

  @Test("a lost answer releases nobody")
  func lostAnswer() {
    let loss = CallFailure(
      code: .unavailable, reason: "ConnectionLost", message: "", mayHaveBeenReceived: true,
      isAnswer: false)
    var executor = machine(old, named(old))
    _ = executor.on(.advance, at: start)
    _ = executor.on(.answered(.callFailed(loss), from: old), at: start)
    #expect(executor.plan.tasks[0].plugin == "p@1.0.0")
    #expect(executor.plan.tasks[0].outcomeUnknown)
  }

  @Test("without a plugin, or held by an operator, a task is parked undelivered and says why")
  func parked() {
    var absent = machine(nil)
    #expect(absent.on(.advance, at: start) == .rest(until: nil))
    #expect(absent.plan.tasks[0].park?.reason == .pluginUnavailable)
    #expect(absent.plan.tasks[0].park?.message == "nobody is there")
    var held = machine(old, hold: "held by an operator")
    #expect(held.on(.advance, at: start) == .rest(until: nil))
    #expect(held.plan.tasks[0].park?.reason == .operatorHold)
    #expect(held.plan.tasks[0].submittedAt == nil)
  }

  @Test("what a plugin works on already is not parked by a hold")
  func runningGoesOn() {
    var executor = machine(old, hold: "held by an operator", running)
    #expect(executor.on(.advance, at: start) == .rest(until: executor.plan.tasks[0].deadline))
    #expect(executor.plan.tasks[0].park == nil)
  }
}
