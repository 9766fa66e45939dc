import Glibc
import JSON
import PluginProto
import SwitchboardDefects
import TTRPC

/// Defects of Execute and Recover.
extension Patch {
  func breakExecute(_ request: inout TTRPCProto.Request) -> Passage {
    edit(&request, PluginV1.ExecuteRequest.self) { message in
      if defect == .servesReplacedHosts {
        message.call?.hostEpoch = board.remember { $0.highestEpoch }
      }
      switch defect {
      case .leaksDescriptors: board.leak()
      case .leaksMemory, .leaksThreads: if message.type == "note" { board.leak() }
      default: break
      }
      if let passage = broken(message) { return passage }
      if message.dryRun {
        if defect == .actsInDryRuns, message.type == "undo" { message.dryRun = false }
        if defect == .actsInRefusedDryRuns, message.type == "note" { message.dryRun = false }
        return .pass
      }
      if defect == .cutsIDsShort { message.taskID = String(message.taskID.prefix(48)) }
      let before = remember(message)
      if message.type == "note" { rekey(&message, before) }
      if defect == .actsBeforeItsJournal, before == nil { act(message) }
      return losesOne(message) ? .answer(Self.complete) : .pass
    }
  }

  static let complete = TTRPCProto.Response.ok(
    PluginV1.TaskReply(outcome: .complete(.init(outputs: Array("{\"text\": \"\"}".utf8)))))

  private func broken(_ message: PluginV1.ExecuteRequest) -> Passage? {
    switch defect {
    case .needsNoKey where message.taskID.isEmpty || message.attempt == 0:
      return .answer(Self.complete)
    case .failsOnLargeParams where message.params.count >= 1 << 20:
      return .answer(.error(.internal))
    case .failsBeyondItsLimit
    where message.type == "slow" && board.remember({ $0.slowRunning >= 4 }):
      return .answer(.error(.internal))
    case .cancelsWhatEnded where message.type == "note":
      let key = BoardMemory.key(message.taskID, message.attempt)
      guard board.remember({ $0.work[key]?.cancels ?? 0 }) > 0 else { return nil }
      return .answer(
        .ok(PluginV1.TaskReply(outcome: .failed(.init(reason: "Cancelled", message: "defect")))))
    default: return nil
    }
  }

  /// What was known of the work before this call.
  private func remember(_ message: PluginV1.ExecuteRequest) -> BoardMemory.Work? {
    let key = BoardMemory.key(message.taskID, message.attempt)
    return board.remember { memory in
      let before = memory.work[key]
      var work =
        before
        ?? BoardMemory.Work(
          type: message.type, connection: number, params: message.params, calls: 0)
      work.calls += 1
      work.inFlight += 1
      work.isLate = message.call?.deadlineUnixMS ?? 0 != 0
      memory.work[key] = work
      memory.highestAttempt[message.taskID] = max(
        memory.highestAttempt[message.taskID] ?? 0, message.attempt)
      return before
    }
  }

  /// Other work than what the host means, by its key.
  private func rekey(_ message: inout PluginV1.ExecuteRequest, _ before: BoardMemory.Work?) {
    let highest = board.remember { $0.highestAttempt[message.taskID] ?? 0 }
    let isOther =
      switch defect {
      case .runsEveryCall: before != nil
      case .runsCallsAtOnceTwice: (before?.inFlight ?? 0) > 0
      case .keysByConnection: before.map { $0.connection != number } ?? false
      case .keysByParams: before.map { $0.params != message.params } ?? false
      case .runsOlderAttempts: message.attempt < highest
      default: false
      }
    if isOther { message.taskID += "-again-\(before?.calls ?? 0)-\(number)" }
    if defect == .keysWithoutAttempt, message.attempt > 1 { message.attempt = 1 }
  }

  /// Does what the plugin, which has not heard of it yet, would have journalled first.
  private func act(_ message: PluginV1.ExecuteRequest) {
    let isCurrent = board.remember {
      $0.highestAttempt[message.taskID] == message.attempt && !$0.isShuttingDown
    }
    guard isCurrent, message.type == "note", let params = try? JSONValue(parsing: message.params),
      let file = params["file"]?.string, params["text"]?.string != nil
    else { return }
    try? EffectFile.append(to: file)
  }

  private func losesOne(_ message: PluginV1.ExecuteRequest) -> Bool {
    defect == .losesOneOfMany && message.type == "note"
      && board.remember { $0.notesInFlight >= 12 }
  }

  func breakRecover(_ request: inout TTRPCProto.Request) -> Passage {
    edit(&request, PluginV1.RecoverRequest.self) { message in
      if defect == .diesOfBrokenHandles, message.handle.count >= 64 { _exit(3) }
      if defect == .cutsIDsShort { message.taskID = String(message.taskID.prefix(48)) }
      let key = BoardMemory.key(message.taskID, message.attempt)
      let (work, isFresh) = board.remember { ($0.work[key], !$0.hasOldState) }
      guard let state = wrongState(message, work, isFresh: isFresh) else { return .pass }
      return .answer(.ok(state))
    }
  }

  private func wrongState(
    _ message: PluginV1.RecoverRequest, _ work: BoardMemory.Work?, isFresh: Bool
  ) -> PluginV1.RecoverReply? {
    let running = PluginV1.RecoverReply(
      state: .running, reply: .init(outcome: .running(.init())))
    switch defect {
    case .forgetsWorkOfOtherConnections where work.map({ $0.connection != number }) ?? false,
      .forgetsWhatEnded where work?.type == "note",
      .forgetsReverts where message.revert:
      return PluginV1.RecoverReply(state: .notStarted)
    case .forgetsLateTasks where work?.isLate ?? false:
      return PluginV1.RecoverReply(state: .unknown)
    case .takesRunningForUnknown
    where work.map { $0.type == "slow" && !$0.hasEnded && $0.connection == number } ?? false:
      return PluginV1.RecoverReply(state: .unknown)
    case .recoversEndedAsCancelled where work.map { $0.type == "note" && $0.cancels > 0 } ?? false:
      return PluginV1.RecoverReply(
        state: .finished,
        reply: .init(outcome: .failed(.init(reason: "Cancelled", message: "defect"))))
    case .recoversCancelledAsRunning where work.map { $0.type == "slow" && $0.cancels > 0 } ?? false:
      return running
    case .takesUnknownForRunning
    where work == nil && isFresh && message.type == "note" && message.handle.isEmpty:
      return running
    case .recoversRunningWithoutReply where work == nil && message.type == "slow" && !isFresh:
      return PluginV1.RecoverReply(state: .running)
    case .recoversAnyHandleVersion where message.handleVersion == 4_000_000:
      return PluginV1.RecoverReply(
        state: .finished, reply: .init(outcome: .complete(.init())))
    case .recoversByDoing where work == nil && isFresh && message.type == "note":
      let params = try? JSONValue(parsing: message.params)
      if let file = params?["file"]?.string { try? EffectFile.append(to: file) }
      return nil
    default: return nil
    }
  }
}
