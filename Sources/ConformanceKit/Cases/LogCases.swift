internal import PluginProto
internal import TTRPC

/// What a plugin writes to stdout and stderr.
extension ConformanceCase {
  static let logs: [ConformanceCase] = [
    ConformanceCase(
      "logs.lines", .should, "Connections", needs: [.program],
      why: "A line that begins as JSON and is none is kept as text, and found by nobody."
    ) { run in
      let host = try await run.start()
      if run.facts.type(\.good) != nil { _ = try await host.finish(try run.good()) }
      let gone = try await run.stop(host)
      let broken = gone.log.brokenJSON
      try require(
        broken == nil,
        "a log line begins with { and is no object with level and msg: \(broken ?? "")".prefixed)
    },
    ConformanceCase(
      "logs.long-line", .must, "Connections", needs: [.program, .chatty],
      why: "Somebody logs a whole document one day, and the task that did must end like any other."
    ) { run in
      let host = try await run.start()
      let task = try run.task(run.known(run.facts.type(\.chatty)), \.chatty)
      let reply = try await host.finish(task)
      try require(reply.isComplete, "the chatty task led to \(reply.summary)")
      let gone = try await run.stop(host)
      try require(
        gone.log.longestLine >= 1 << 20,
        "the longest line of the chatty task came with \(gone.log.longestLine) bytes, not 1 MiB")
    },
    ConformanceCase(
      "logs.unread", .must, "Connections", needs: [.program, .chatty],
      why: "A host reads a flood of lines slowly; a plugin waits for it, and loses nothing."
    ) { run in
      let host = try await run.start()
      host.instance.log.pause(true)
      let task = try run.task(run.known(run.facts.type(\.chatty)), \.chatty)
      let reply = try await withThrowingTaskGroup(of: PluginV1.TaskReply?.self) { group in
        group.addTask { try await host.finish(task) }
        group.addTask {
          // Where the task ends before, it wrote too little to wait for anybody.
          while !host.instance.log.isFull, !Task.isCancelled {
            try? await run.loop.sleep(for: .milliseconds(5))
          }
          // The write after the one that filled the pipe is the one that waits.
          try? await run.loop.sleep(for: .milliseconds(100))
          host.instance.log.pause(false)
          return nil
        }
        var reply: PluginV1.TaskReply?
        while let next = try await group.next() {
          if next != nil { group.cancelAll() }
          reply = next ?? reply
        }
        return try run.known(reply)
      }
      try require(reply.isComplete, "a task whose log was not read led to \(reply.summary)")
    },
  ]
}
