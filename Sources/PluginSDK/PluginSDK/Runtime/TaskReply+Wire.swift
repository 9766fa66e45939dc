import JSON
import PluginProto
import TTRPC

/// How a step ended, as the host is told.
enum StepResult: Sendable {
  case reply(PluginV1.TaskReply)
  /// Nothing was done.
  case refused(RPCError)
  /// It goes on; the reply says so.
  case running(PluginV1.TaskReply, work: TaskBinding.Work?)
}

extension StepResult {
  /// Runs a step and turns whatever it throws into an answer.
  static func of(
    _ context: TaskContext, _ body: () async throws -> TaskBinding.Outcome
  ) async -> StepResult {
    do {
      switch try await body() {
      case .complete(let outputs):
        return .reply(PluginV1.TaskReply(outcome: .complete(.init(outputs: outputs))))
      case .wait(let wait):
        return .reply(PluginV1.TaskReply(outcome: .wait(wait.wire(target: context.target))))
      case .running(let handle, let progress, let work):
        return .running(.running(handle: handle, progress), work: work)
      }
    } catch let failure as TaskFailure {
      return .reply(.failed(failure))
    } catch let refusal as TaskRefusal {
      return .refused(RPCError(refusal))
    } catch is CancellationError {
      return .reply(.failed(.terminal("Cancelled", "the task was cancelled")))
    } catch let error as ParamsCoding.Mismatch {
      return .reply(.failed(.terminal("InvalidOutputs", error.message)))
    } catch {
      context.log.fault("the task threw an error that is no TaskFailure", ["error": "\(error)"])
      return .reply(.failed(.terminal("UnhandledError", "\(error)")))
    }
  }
}

extension PluginV1.TaskReply {
  static func failed(_ failure: TaskFailure) -> PluginV1.TaskReply {
    PluginV1.TaskReply(
      outcome: .failed(
        .init(
          reason: failure.reason, message: failure.message, transient: failure.isTransient,
          retryAfterMS: failure.retryAfter?.wholeMilliseconds ?? 0)))
  }

  static func running(handle: [UInt8], _ progress: Progress?) -> PluginV1.TaskReply {
    let progress = progress.map {
      PluginV1.Progress(message: $0.message, percent: UInt32(clamping: $0.percent))
    }
    return PluginV1.TaskReply(outcome: .running(.init(handle: handle, progress: progress)))
  }

  var isRunning: Bool { if case .running = outcome { true } else { false } }

  /// The handle of a running task; empty for any other reply.
  var handle: [UInt8] { if case .running(let running) = outcome { running.handle } else { [] } }
}

extension RPCError {
  init(_ refusal: TaskRefusal) {
    self.init(
      refusal.condition == .unavailable ? .unavailable : .failedPrecondition,
      reason: refusal.reason, message: refusal.message)
  }
}
