import JSON
import Model
import Testing

@testable import MortiseCLI

@Suite("progress is shown as a block on a terminal and as lines elsewhere")
struct ProgressTests {
  private func block(_ resource: Resource, symbols: Bool = false, at seconds: Double = 5)
    -> [String]
  {
    let appearance = Appearance(terminal: nil, hasColour: false, hasSymbols: symbols)
    return ProgressBlock(appearance: appearance).lines([resource], at: Sample.moment(seconds))
      .map { $0.rendered(appearance) }
  }

  @Test("a block has a line for the resource and one for each task")
  func running() {
    let plan = Sample.plan(complete: 1) { tasks in
      tasks[1].state = .waiting
      tasks[1].submittedAt = Sample.moment(1)
      tasks[1].wait = PendingWait(
        Wish(
          gate: Gate(clauses: [
            GateClause(
              intent: IntentKey(target: "local", kind: "StatefulSet", key: "default/redis"),
              test: .committed),
            GateClause(
              intent: IntentKey(target: "local", kind: "Service", key: "default/redis"),
              test: .committed),
          ])), since: Sample.moment(1))
    }
    #expect(
      block(Sample.resource(phase: "Initializing", plan: plan), symbols: true) == [
        "statefulnode/redis  Initializing  init 1/3",
        "  ✓ ensure-data-pvc    Complete   1.0s",
        "  ◦ apply-statefulset  Waiting    4.0s    waits for StatefulSet default/redis (and 1 more)",
        "  · mark-ready         Pending",
      ])
  }

  @Test("a failed plan shows its task's error, a finished resource its last plan")
  func ended() {
    #expect(
      block(Sample.resource(phase: "Initializing", plan: Sample.failedPlan())).prefix(3) == [
        "statefulnode/redis  Initializing  init 1/3 Failed",
        "  + ensure-data-pvc    Complete   1.0s",
        "  x apply-statefulset  Failed     2.0s    ImageUnknown: no image redis:9",
      ])
    var resource = Sample.resource(phase: "Running", observed: 1)
    resource.status.history = [Sample.record(.complete)]
    #expect(block(resource) == ["statefulnode/redis  Running  init Complete"])
    resource.spec = ["paused": true]
    #expect(block(resource) == ["statefulnode/redis  Running  init Complete  paused"])
  }

  struct NoteCase: Sendable {
    var note: String
    var change: @Sendable (inout PlannedTask) -> Void

    init(_ note: String, _ change: @escaping @Sendable (inout PlannedTask) -> Void) {
      self.note = note
      self.change = change
    }
  }

  @Test(
    "a task says why it waits",
    arguments: [
      NoteCase("") { _ in },
      NoteCase("40% copying") { $0.progress = TaskProgress(message: "copying", percent: 40) },
      NoteCase("copying") { $0.progress = TaskProgress(message: "copying", percent: 0) },
      NoteCase("TargetUnreachable: local") {
        $0.park = Park(reason: .targetUnreachable, message: "local", since: Sample.moment(0))
      },
      NoteCase("again in 3.0s: Busy: try later") {
        $0.state = .pending
        $0.nextAttemptAt = Sample.moment(8)
        $0.error = TaskError(reason: "Busy", message: "try later")
      },
      NoteCase("") { $0.nextAttemptAt = Sample.moment(4) },
      NoteCase("asking the plugin what became of it") { $0.outcomeUnknown = true },
      NoteCase("Broken") {
        $0.state = .failed
        $0.error = TaskError(reason: "Broken", message: "")
      },
    ])
  func notes(expected: NoteCase) {
    let plan = Sample.plan { tasks in
      tasks[0].state = .running
      tasks[0].submittedAt = Sample.moment(1)
      expected.change(&tasks[0])
    }
    #expect(plan.tasks[0].note(at: Sample.moment(5)) == expected.note)
  }

  @Test("lines tell what changed, once")
  func changes() {
    var resource = Sample.resource()
    var lines: [String] = []
    func become(_ change: (inout Resource) -> Void) {
      let before = resource
      change(&resource)
      lines += ProgressChanges.lines(from: before, to: resource)
      // The same reading again is no news.
      #expect(ProgressChanges.lines(from: resource, to: resource).isEmpty)
    }
    become {
      $0.status.phase = "Initializing"
      $0.status.plan = Sample.plan()
      for (type, status) in [("Paused", Condition.Status.isFalse), ("Plannable", .isTrue)] {
        $0.status.setCondition(type, status, reason: "R", generation: 1, at: Sample.moment(0))
      }
      $0.status.setCondition(
        "SidecarReady", .unknown, reason: "Unverified", generation: 1, at: Sample.moment(0))
    }
    become {
      $0.status.plan = Sample.plan { tasks in
        tasks[0].state = .running
        tasks[0].submittedAt = Sample.moment(0)
      }
    }
    become {
      $0.status.plan = Sample.plan(complete: 1) { tasks in
        tasks[1].submittedAt = Sample.moment(1)
        tasks[1].park = Park(
          reason: .pluginUnavailable, message: "no plugin", since: Sample.moment(1))
      }
    }
    become { $0.status.plan = Sample.failedPlan() }
    become {
      $0.status.plan = nil
      $0.status.history = [
        Sample.record(.failed, detail: Sample.failedPlan().failedTaskDetail)
      ]
    }
    become {
      $0.status.phase = "Running"
      $0.status.history.insert(Sample.record(.complete, id: "plan-2"), at: 0)
      $0.status.setCondition(
        "SidecarReady", .isTrue, reason: "Ready", generation: 1, at: Sample.moment(5))
    }
    become { $0.metadata.deletionTimestamp = Sample.moment(9) }
    #expect(
      lines
        == [
          "plan init of 3 tasks", "phase Initializing", "init/ensure-data-pvc Running",
          "init/ensure-data-pvc Complete in 1.0s",
          "init/apply-statefulset Parked, PluginUnavailable: no plugin",
          "init/apply-statefulset Failed in 2.0s, ImageUnknown: no image redis:9",
          "plan init Failed: apply-statefulset: ImageUnknown: no image redis:9",
          "plan init Complete", "phase Running", "condition SidecarReady=True Ready",
          "is being deleted",
        ].map { "statefulnode/redis: " + $0 })
  }

  @Test("the first line about a resource tells where it stands")
  func first() {
    #expect(
      ProgressChanges.lines(
        from: nil, to: Sample.resource(phase: "Initializing", plan: Sample.plan(complete: 2)))
        == [
          "statefulnode/redis: plan init 2/3", "statefulnode/redis: phase Initializing",
        ])
    #expect(
      ProgressChanges.lines(from: nil, to: Sample.resource(phase: "Running"))
        == ["statefulnode/redis: phase Running"])
  }

  @Test("a block is redrawn over the one before, cut to the terminal's rows and columns")
  func live() {
    let appearance = Appearance(
      terminal: TerminalSize(columns: 6, rows: 3), hasColour: false, hasSymbols: false)
    var block = LiveBlock()
    #expect(block.redraw([StyledLine("one")], appearance) == "one\n")
    #expect(
      block.redraw([StyledLine("one"), StyledLine("two"), StyledLine("threeee")], appearance)
        == "\u{1B}[1A\r\u{1B}[Jtwo\nthree…\n")
    #expect(block.redraw([], appearance) == "\u{1B}[2A\r\u{1B}[J")
    #expect(block.clear() == "")
  }

  @Test("a board draws in place on a terminal and adds lines elsewhere")
  func board() throws {
    let pipe = MemorySink()
    let lines = ProgressBoard(.testing(output: pipe))
    try lines.update(Sample.resource(phase: "Running"))
    try lines.refresh()
    try lines.note("a note")
    try lines.remove(Sample.resource().key, named: "statefulnode/redis")
    #expect(
      pipe.lines == [
        "statefulnode/redis: phase Running", "a note", "statefulnode/redis: deleted",
      ])

    let screen = MemorySink(terminal: .usual)
    let live = ProgressBoard(.testing(output: screen, environment: ["NO_COLOR": "1"]))
    try live.update(Sample.resource(phase: "Pending"))
    try live.update(Sample.resource(phase: "Running"))
    try live.note("a note")
    let up = "\u{1B}[1A\r\u{1B}[J"
    #expect(
      screen.text == "statefulnode/redis  Pending\n\(up)statefulnode/redis  Running\n"
        + "\(up)a note\nstatefulnode/redis  Running\n")
  }
}
