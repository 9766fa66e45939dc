import Model
import PluginProto
import Synchronization
import TTRPC

@testable import Daemon

/// Processes whose logs a test writes: what it appends is told to who waits.
final class ScriptedProcesses: ProcessLogPort {
  private struct State {
    var logs: [(name: String, text: [UInt8])] = []
    var failures: [RPCError] = []
    var waiters: [AsyncStream<Void>.Continuation] = []
    var calls = 0
  }

  private let state = Mutex(State())

  /// Calls that wait for more, now.
  var waiting: Int { state.withLock { $0.waiters.count } }

  func write(_ text: String, to process: String) {
    change { state in
      if let index = state.logs.firstIndex(where: { $0.name == process }) {
        state.logs[index].text += text.utf8
      } else {
        state.logs.append((process, Array(text.utf8)))
      }
    }
  }

  /// The next calls fail so.
  func fail(_ errors: RPCError...) { change { $0.failures += errors } }

  private func change(_ body: (inout State) -> Void) {
    let waiters = state.withLock { state in
      body(&state)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.finish() }
  }

  func readLog(_ request: PluginV1.ReadLogRequest) async throws(RPCError) -> PluginV1.ReadLogReply {
    while true {
      let (changed, waiter) = AsyncStream<Void>.makeStream()
      let reply = try answer(request, waiter)
      if let reply { return reply }
      for await _ in changed {}
      if Task.isCancelled {
        change { _ in }
        throw RPCError(.cancelled, reason: "CallCancelled", message: "")
      }
    }
  }

  /// Nil where the caller is to wait.
  private func answer(
    _ request: PluginV1.ReadLogRequest, _ waiter: AsyncStream<Void>.Continuation
  ) throws(RPCError) -> PluginV1.ReadLogReply? {
    try state.withLock { state throws(RPCError) in
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      var reply = PluginV1.ReadLogReply(
        nextOffset: request.offset, processes: state.logs.map(\.name))
      if request.process.isEmpty { return reply }
      let text = state.logs.first { $0.name == request.process }?.text ?? []
      reply.text = Array(text.dropFirst(Int(request.offset)))
      reply.nextOffset = UInt64(text.count)
      if reply.text.isEmpty, request.waitMS > 0 {
        state.waiters.append(waiter)
        return nil
      }
      return reply
    }
  }
}
