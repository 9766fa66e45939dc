/// All commands, in the order of help: parser, help and docs/cli.md follow from it.
enum CommandTable {
  static let commands: [Command] = [
    serve, run, apply, get, describe, watch, wait, delete, pause, resume, replan, plugins, version,
    help,
  ]

  static let globalOptions: [Option] = [HostLink.option]

  static let parser = ArgumentParser(commands: commands, globalOptions: globalOptions)
}
