/// What a loop runs: a piece of a task, or a plain action.
enum LoopWork: Sendable {
  case job(UnownedJob)
  case action(@Sendable () -> Void)
}

extension EventLoop {
  /// Takes a piece of a task; called by the Swift runtime alone.
  public func enqueue(_ job: consuming ExecutorJob) {
    enqueue(.job(UnownedJob(job)))
  }

  /// Lets `assumeIsolated` and preconditions of actors on this loop see that they are on it.
  public func checkIsolated() {
    precondition(isOnLoop, "not on event loop \(name)")
  }

  /// Whether the caller is on the loop; asked by the Swift runtime.
  public func isIsolatingCurrentContext() -> Bool? { isOnLoop }

  /// Starts a task on the loop.
  ///
  /// This is the only place of the project that makes an unstructured task, so that each one has a
  /// known executor; the caller keeps the handle where the work must be cancelled one day.
  @discardableResult
  public func spawn(
    _ operation: @escaping @Sendable () async -> Void
  ) -> Task<Void, Never> {
    Task(executorPreference: self, operation: operation)
  }

  func run(_ work: LoopWork) {
    switch work {
    case .job(let job):
      job.runSynchronously(
        isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    case .action(let action):
      action()
    }
  }
}
