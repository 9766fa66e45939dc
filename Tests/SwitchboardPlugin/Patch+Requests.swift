import ConformanceKit
import Glibc
import JSON
import PluginProto
import SwitchboardDefects
import Synchronization
import TTRPC

/// Defects that change a request, or answer it in the plugin's place.
extension Patch {
  func breakRequest(_ request: inout TTRPCProto.Request) async throws -> Passage {
    switch request.method {
    case "Handshake": return breakHandshake(&request)
    case "Updates": return breakUpdates(&request)
    case "Execute":
      let passage = breakExecute(&request)
      // Time to be killed in, between the deed and its journal; once in a process, which is when it counts.
      if defect == .actsBeforeItsJournal, board.remember({ $0.work.count }) == 1 {
        try await board.loop.sleep(for: .milliseconds(300))
      }
      return passage
    case "Recover": return breakRecover(&request)
    case "Cancel": return breakCancel(&request)
    case "Apply", "Remove", "Verify": return breakDriving(request)
    default: return breakOther(&request)
    }
  }

  /// Reads the request's message, lets it be changed, and writes it back.
  func edit<Message: ProtoMessage>(
    _ request: inout TTRPCProto.Request, _ type: Message.Type = Message.self,
    _ body: (inout Message) -> Passage
  ) -> Passage {
    guard var message = try? Message(serialized: request.payload) else { return .pass }
    let before = message
    let passage = body(&message)
    if message != before { request.payload = message.serialized() }
    return passage
  }

  private func breakHandshake(_ request: inout TTRPCProto.Request) -> Passage {
    edit(&request, PluginV1.HandshakeRequest.self) { message in
      streams.withLock { $0.isGreeted = true }
      let highest = board.remember { memory in
        memory.isGreeted = true
        memory.highestEpoch = max(memory.highestEpoch, message.hostEpoch)
        return memory.highestEpoch
      }
      if defect == .takesAnyMajor { message.protocolMajors = [1] }
      if defect == .greetsReplacedHosts { message.hostEpoch = highest }
      return .pass
    }
  }

  private func breakUpdates(_ request: inout TTRPCProto.Request) -> Passage {
    if defect == .ignoresEnvelopeDeadline { request.timeoutNano = 0 }
    return edit(&request, PluginV1.UpdatesRequest.self) { message in
      let isOwn = board.remember { $0.cursors.contains(message.cursor) }
      switch defect {
      case .tellsEverythingAgain where isOwn: message.cursor = 0
      case .takesOldCursors where !isOwn && message.cursor > 1: message.cursor = 0
      case .doesNotWait: message.waitMS = 0
      case .ignoresMessageDeadline: message.call?.deadlineUnixMS = 0
      default: break
      }
      return .pass
    }
  }

  private func breakCancel(_ request: inout TTRPCProto.Request) -> Passage {
    edit(&request, PluginV1.CancelRequest.self) { message in
      let key = BoardMemory.key(message.taskID, message.attempt)
      let work = board.remember { memory in
        memory.work[key]?.cancels += 1
        return memory.work[key]
      }
      if defect == .ignoresCancel, work?.type == "slow" {
        return .answer(.ok(PluginV1.CancelReply()))
      }
      if defect == .refusesUnknownCancels, work == nil { return .answer(.error(.notFound)) }
      if defect == .refusesLateCancels, let work, work.hasEnded, work.cancels >= 4 {
        return .answer(.error(.failedPrecondition))
      }
      return .pass
    }
  }

  private func breakDriving(_ request: TTRPCProto.Request) -> Passage {
    guard request.method != "Verify",
      let message = try? PluginV1.DriverRequest(serialized: request.payload)
    else { return .pass }
    guard let id = message.intent?.id else {
      return defect == .needsNoIntent
        ? .answer(.ok(PluginV1.DriverReply(result: .done))) : .pass
    }
    let isApply = request.method == "Apply"
    let key = "\(id.kind) \(id.key)"
    let wasApplied = board.remember { memory in
      isApply ? !memory.applied.insert(key).inserted : memory.applied.contains(key)
    }
    let failed = Passage.answer(
      .ok(PluginV1.DriverReply(result: .failedFinal, reason: "Defect", message: "by defect")))
    switch defect {
    case .failsSecondIntents where isApply && id.kind == "Label",
      .appliesOnlyOnce where isApply && wasApplied,
      .keepsWhatIsApplied where !isApply && wasApplied,
      .needsSomethingToRemove
    where !isApply && !wasApplied && board.remember({ !$0.hasOldState }):
      return failed
    default: return .pass
    }
  }

  private func breakOther(_ request: inout TTRPCProto.Request) -> Passage {
    let isGreeted = streams.withLock { $0.isGreeted }
    switch (defect, request.method) {
    case (.describesItselfToStrangers, "Describe") where !isGreeted:
      return .answer(.ok(PluginV1.DescribeReply(name: "switchboard", version: "1.0.0")))
    case (.greetsOncePerProcess, "Health")
    where !isGreeted && board.remember({ $0.isGreeted }):
      return .answer(.ok(PluginV1.HealthReply(status: .serving)))
    case (.servesReplacedHosts, "Health"):
      return edit(&request, PluginV1.HealthRequest.self) { message in
        let highest = board.remember { $0.highestEpoch }
        if message.call?.hostEpoch ?? 0 != 0 { message.call?.hostEpoch = highest }
        return .pass
      }
    case (.diesOfOddParams, "Validate"):
      return edit(&request, PluginV1.ValidateRequest.self) { message in
        if String(validating: message.params, as: UTF8.self) == nil { _exit(3) }
        return .pass
      }
    case (_, "Configure"):
      return edit(&request, PluginV1.ConfigureRequest.self) { message in
        let path = message.stateDirectory
        board.remember { $0.hasOldState = FileProbe.exists("\(path)/journal") }
        if defect == .forgetsAtRestart { message.stateDirectory += "/\(getpid())" }
        return .pass
      }
    case (.refusesToForgetTwice, "Forget"):
      return edit(&request, PluginV1.ForgetRequest.self) { message in
        let isKnown = board.remember { memory in
          message.taskIDs.contains { !memory.forgotten.insert($0).inserted }
        }
        return isKnown ? .answer(.error(.notFound)) : .pass
      }
    case (.refusesRecoveryComplete, "RecoveryComplete"): return .answer(.error(.failedPrecondition))
    case (_, "Revert"): return breakRevert(&request)
    case (_, "Shutdown"):
      let slow = board.remember { memory in
        memory.isShuttingDown = true
        return memory.slowRunning
      }
      return defect == .worksAfterShutdown && slow > 0
        ? .answer(.ok(PluginV1.ShutdownReply())) : .pass
    default: return .pass
    }
  }

  private func breakRevert(_ request: inout TTRPCProto.Request) -> Passage {
    edit(&request, PluginV1.ExecuteRequest.self) { message in
      let key = BoardMemory.key("revert \(message.taskID)", message.attempt)
      let calls = board.remember { memory in
        memory.work[
          key,
          default: .init(
            type: "revert", connection: number, params: [], calls: 0)
        ].calls += 1
        return memory.work[key]?.calls ?? 0
      }
      let complete = Passage.answer(.ok(PluginV1.TaskReply(outcome: .complete(.init()))))
      if defect == .revertsNothing, message.type == "undo" { return complete }
      if defect == .revertsDifferentlyAgain, calls > 1 {
        return .answer(
          .ok(PluginV1.TaskReply(outcome: .failed(.init(reason: "Again", message: "defect")))))
      }
      return .pass
    }
  }
}
