import JSON
import PluginProto
import SwitchboardDefects
import TTRPC

/// Defects that change an answer.
extension Patch {
  func breakReply(_ response: inout TTRPCProto.Response, to open: Open) {
    let isError = (response.status?.code ?? 0) != 0
    if open.method == "Execute" { executed(open) }
    if isError { return breakError(&response, to: open) }
    switch open.method {
    case "Handshake": change(&response) { breakHandshake(&$0, to: open) }
    case "Describe": change(&response, breakDescription)
    case "Health":
      change(&response) { (reply: inout PluginV1.HealthReply) in
        if defect == .hasNoHealth { reply.status = .unspecified }
      }
    case "Validate": change(&response, breakProblems)
    case "Execute": change(&response) { breakExecuted(&$0, to: open) }
    case "Updates": change(&response, breakNews)
    case "Recover": change(&response) { breakRecovered(&$0, to: open) }
    case "Expand":
      change(&response) { (reply: inout PluginV1.ExpandReply) in
        if defect == .repeatsPhases { reply.phases += reply.phases }
      }
    default: breakDriven(&response, to: open)
    }
  }

  private func change<Reply: ProtoMessage>(
    _ response: inout TTRPCProto.Response, _ body: (inout Reply) -> Void
  ) {
    guard var reply = try? Reply(serialized: response.payload) else { return }
    let before = reply
    body(&reply)
    if reply != before { response.payload = reply.serialized() }
  }

  private func executed(_ open: Open) {
    guard let request = try? PluginV1.ExecuteRequest(serialized: open.payload) else { return }
    board.remember { memory in
      memory.work[BoardMemory.key(request.taskID, request.attempt)]?.inFlight -= 1
    }
  }

  private func breakHandshake(_ reply: inout PluginV1.HandshakeReply, to open: Open) {
    let request = try? PluginV1.HandshakeRequest(serialized: open.payload)
    switch defect {
    case .echoesNoNonce: reply.nonce = ""
    case .takesTheFirstMajor: reply.protocolMajor = request?.protocolMajors.first ?? 0
    case .agreesToEverything: reply.features = request?.features ?? []
    case .hasNoInstance: reply.pluginInstance = "plugin"
    default: break
    }
  }

  private func breakDescription(_ reply: inout PluginV1.DescribeReply) {
    let count = board.remember { memory in
      memory.describes += 1
      return memory.describes
    }
    let last = reply.taskTypes.count - 1
    switch defect {
    case .hasAnotherVersion: reply.version = "9.9.9"
    case .hasOddVersions: reply.taskTypes[0].version = "latest"
    case .describesItselfAnew where count % 2 == 0: reply.taskTypes.reverse()
    case .hasBrokenSchema: reply.taskTypes[last].outputsSchema = [UInt8(ascii: "{")]
    case .namesATypeTwice: reply.taskTypes.append(reply.taskTypes[0])
    case .doesNotSayHowItActs: reply.taskTypes[last].acts = .unspecified
    case .inventsCapabilities: reply.taskTypes[0].capabilities.append("levitate")
    case .convergesWithoutBeingADriver: reply.driver = nil
    case .namesAKindTwice:
      if let kind = reply.driver?.kinds.first { reply.driver?.kinds.append(kind) }
    default: break
    }
  }

  private func breakProblems(_ reply: inout PluginV1.ValidateReply) {
    switch defect {
    case .findsFaultWithEverything: if reply.problems.isEmpty { reply.problems = ["defect"] }
    case .findsFaultWithNothing: reply.problems = []
    case .ignoresRequiredParams: reply.problems.removeAll { $0.hasSuffix("is missing") }
    default: break
    }
  }

  private func breakExecuted(_ reply: inout PluginV1.TaskReply, to open: Open) {
    guard let request = try? PluginV1.ExecuteRequest(serialized: open.payload) else { return }
    let key = BoardMemory.key(request.taskID, request.attempt)
    let calls = board.remember { $0.work[key]?.calls ?? 0 }
    switch (defect, reply.outcome) {
    case (.answersWithoutOutcome, _) where request.type == "bare": reply.outcome = nil
    case (.answersBrokenOutputs, .complete) where request.type == "bare":
      reply.outcome = .complete(.init(outputs: [UInt8(ascii: "{")]))
    case (.answersRepeatsDifferently, .complete) where request.type == "note" && calls > 1:
      reply.outcome = .complete(.init(outputs: Array("{\"text\": \"call \(calls)\"}".utf8)))
    case (.setsBrokenIntents, .wait(var wait)):
      wait.set[0].spec = [UInt8(ascii: "{")]
      reply.outcome = .wait(wait)
    case (.answersIntentsDifferently, .wait(var wait)):
      let count = board.remember { memory in
        memory.plans += 1
        return memory.plans
      }
      wait.set[0].spec = Array("{\"size\": \(count)}".utf8)
      reply.outcome = .wait(wait)
    default: break
    }
  }

  private func breakNews(_ reply: inout PluginV1.UpdatesReply) {
    let cursor = reply.cursor
    let ended = reply.tasks.filter {
      if case .running = $0.reply?.outcome { false } else { true }
    }
    let cancelled = board.remember { memory in
      memory.cursors.insert(cursor)
      for task in ended {
        memory.work[BoardMemory.key(task.taskID, task.attempt)]?.hasEnded = true
      }
      return Set(memory.work.filter { $0.value.cancels > 0 }.keys)
    }
    if defect == .neverResets { reply.reset = false }
    for index in reply.tasks.indices {
      let key = BoardMemory.key(reply.tasks[index].taskID, reply.tasks[index].attempt)
      if defect == .tellsNoSteps { reply.tasks[index].step = 0 }
      if defect == .endsCancelledWithoutOutcome, cancelled.contains(key) {
        reply.tasks[index].reply = PluginV1.TaskReply()
      }
    }
  }

  private func breakRecovered(_ reply: inout PluginV1.RecoverReply, to open: Open) {
    guard defect == .answersOtherwiseAfterRestart, reply.state == .finished,
      let request = try? PluginV1.RecoverRequest(serialized: open.payload),
      case .complete = reply.reply?.outcome
    else { return }
    let key = BoardMemory.key(request.taskID, request.attempt)
    guard board.remember({ $0.work[key] == nil && $0.hasOldState }) else { return }
    reply.reply?.outcome = .complete(.init(outputs: Array("{\"text\": \"other\"}".utf8)))
  }

  private func breakDriven(_ response: inout TTRPCProto.Response, to open: Open) {
    switch (defect, open.method) {
    case (.namesATargetTwice, "Targets"):
      change(&response) { (reply: inout PluginV1.TargetsReply) in reply.targets += reply.targets }
    case (.observesGarbage, "Apply"):
      change(&response) { (reply: inout PluginV1.DriverReply) in
        reply.observed = [UInt8(ascii: "{")]
      }
    case (.neverSaysAbsent, "Verify"):
      change(&response) { (reply: inout PluginV1.VerifyReply) in
        for index in reply.verifications.indices
        where reply.verifications[index].presence == .absent {
          reply.verifications[index].presence = .drifted
        }
      }
    case (.answersVerifyBackwards, "Verify"):
      change(&response) { (reply: inout PluginV1.VerifyReply) in reply.verifications.reverse() }
    default: break
    }
  }

  private func breakError(_ response: inout TTRPCProto.Response, to open: Open) {
    let reason = response.reason
    if defect == .givesNoReasons { response.status?.details = [] }
    switch (defect, open.method, reason) {
    case (.validatesUnknownTypes, "Validate", "UnknownTaskType"):
      response = .ok(PluginV1.ValidateReply())
    case (.executesUnknownTypes, "Execute", "UnknownTaskType"), (.pretendsToRevert, "Revert", _):
      response = Self.complete
    case (.guessesParams, "Execute", "InvalidParams") where hasJSON(open):
      response = Self.complete
    case (.takesBrokenParams, "Execute", "InvalidParams") where !hasJSON(open):
      response = Self.complete
    case (.takesUnknownTypesForNew, "Recover", "UnknownTaskType"):
      response = .ok(PluginV1.RecoverReply(state: .notStarted))
    case (.takesUnknownKinds, "Apply", "UnknownIntentKind"):
      response = .ok(PluginV1.DriverReply(result: .done))
    case (.knowsEveryTarget, "Verify", "UnknownTarget"):
      response = .ok(PluginV1.VerifyReply(target: .init(name: "any", reachable: true)))
    default: break
    }
  }

  private func hasJSON(_ open: Open) -> Bool {
    guard let request = try? PluginV1.ExecuteRequest(serialized: open.payload) else { return false }
    return (try? JSONValue(parsing: request.params)) != nil
  }
}
