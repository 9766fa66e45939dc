import PluginProto
import TTRPC

/// Which method of the protocol is answered by what.
extension PluginRuntime {
  var router: Router {
    var router = Router()
    router.handle(PluginV1.Plugin.handshake) { request, context in
      try self.handshake(request, context)
    }
    addPlugin(to: &router)
    addTasks(to: &router)
    addDrivers(to: &router)
    return router
  }

  /// Answers a method once the connection and the host's epoch were checked.
  private func handle<Request: HostCall, Reply>(
    _ method: Method<Request, Reply>, in router: inout Router,
    _ body: @escaping @Sendable (Request) async throws -> Reply
  ) {
    router.handle(method) { request, context in
      try self.admit(request.call, context)
      guard let deadline = request.call?.deadlineUnixMS, deadline != 0,
        let remaining = Self.remaining(until: deadline, context)
      else { return try await body(request) }
      return try await self.within(remaining) { try await body(request) }
    }
  }

  /// As `handle`, for what begins work: refused before Configure and while the plugin drains.
  private func work<Request: HostCall, Reply>(
    _ method: Method<Request, Reply>, in router: inout Router,
    _ body: @escaping @Sendable (Request, PluginConfiguration) async throws -> Reply
  ) {
    handle(method, in: &router) { request in
      let configuration = try self.configuration.current()
      if self.refusesWork { throw RPCError.draining }
      return try await body(request, configuration)
    }
  }

  private func addPlugin(to router: inout Router) {
    handle(PluginV1.Plugin.describe, in: &router) { _ in self.describe() }
    handle(PluginV1.Plugin.configure, in: &router) { try await self.configure($0) }
    handle(PluginV1.Plugin.health, in: &router) { _ in self.health() }
    handle(PluginV1.Plugin.updates, in: &router) { request in
      let wait = min(.milliseconds(Int(request.waitMS)), Self.updatesWaitMax)
      return try await self.updates.next(after: request.cursor, wait: wait)
    }
    handle(PluginV1.Plugin.shutdown, in: &router) { request in
      // A quarter of the grace is left for the answer and the exit.
      await self.shutdown(grace: .milliseconds(Int(request.graceMS)) * 3 / 4)
      return .init()
    }
  }

  private func addTasks(to router: inout Router) {
    handle(PluginV1.Tasks.validate, in: &router) { try await self.tasks.validate($0) }
    work(PluginV1.Tasks.execute, in: &router) { try await self.tasks.execute($0, $1) }
    handle(PluginV1.Tasks.recover, in: &router) { request in
      try await self.tasks.recover(request, self.configuration.current())
    }
    handle(PluginV1.Tasks.cancel, in: &router) { request in
      let steps = try self.configuration.current().steps
      steps?.cancel(taskID: request.taskID, attempt: request.attempt)
      return .init()
    }
    // What is remembered is kept until Forget names it: that bounds it as well, and can't be wrong.
    handle(PluginV1.Tasks.recoveryComplete, in: &router) { _ in .init() }
    handle(PluginV1.Tasks.forget, in: &router) { request in
      try self.configuration.current().steps?.forget(request.taskIDs)
      return .init()
    }
    handle(PluginV1.Tasks.expand, in: &router) { try await self.tasks.expand($0) }
    work(PluginV1.Tasks.revert, in: &router) { try await self.tasks.revert($0, $1) }
  }

  private func addDrivers(to router: inout Router) {
    guard let driver else { return }
    work(PluginV1.Drivers.apply, in: &router) { request, _ in try await driver.apply(request) }
    work(PluginV1.Drivers.remove, in: &router) { request, _ in try await driver.remove(request) }
    work(PluginV1.Drivers.verify, in: &router) { request, _ in try await driver.verify(request) }
    work(PluginV1.Drivers.targets, in: &router) { _, _ in await driver.targets() }
    work(PluginV1.Drivers.capacity, in: &router) { request, _ in
      try await driver.capacity(request)
    }
    work(PluginV1.Drivers.readLog, in: &router) { request, _ in
      try await self.untilDrain { try await driver.readLog(request) }
    }
  }
}

extension PluginRuntime {
  /// Does what waits for news, and gives it up when the plugin drains: the host asks its successor.
  private func untilDrain<Reply: Sendable>(
    _ wait: @escaping @Sendable () async throws -> Reply
  ) async throws -> Reply {
    try await withThrowingTaskGroup(of: Reply.self) { group in
      group.addTask { try await wait() }
      group.addTask { [drainBegan] in
        try await drainBegan.value()
        throw RPCError.draining
      }
      defer { group.cancelAll() }
      guard let first = try await group.next() else { throw RPCError.draining }
      return first
    }
  }
}

extension RPCError {
  static func notOffered(_ method: String) -> RPCError {
    RPCError(
      .unimplemented, reason: "NotOffered", message: "this plugin does not offer \(method)")
  }
}
