/// All commands, in the order of help: parser, help, completion and docs/cli.md follow from it.
enum CommandTable {
  static let commands: [Command] = [
    serve,
    run,
    plan,
    apply,
    get,
    describe,
    why,
    events,
    logs,
    watch,
    wait,
    delete,
    pause,
    resume,
    cancel,
    replan,
    taskRun,
    taskGet,
    taskList,
    taskCancel,
    rolloutStatus,
    rolloutPause,
    rolloutResume,
    rolloutRetry,
    rolloutUndo,
    rolloutHistory,
    plugins,
    pluginsDescribe,
    pluginsLogs,
    pluginsRestart,
    pluginsReset,
    pluginsDrain,
    pluginsDisable,
    pluginsEnable,
    pluginsAttach,
    pluginsDetach,
    park,
    unpark,
    holds,
    metrics,
    conformance,
    pluginRun,
    pluginNew,
    configCheck,
    configShow,
    completion,
    version,
    help,
  ]

  static let globalOptions: [Option] = [HostLink.option]

  /// Knows `__complete`, too, which no person types.
  static let parser = ArgumentParser(
    commands: commands + [complete], globalOptions: globalOptions)
}
