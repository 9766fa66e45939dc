/// The command line: parses, runs the command, gives the exit status.
public enum Program {
  /// Runs the command that the arguments name, on the calling thread.
  ///
  /// - Parameter arguments: without the program's own name.
  /// - Returns: the process's exit status, as help lists them.
  public static func run(_ arguments: [String]) -> Int32 {
    run(arguments, .ofProcess()).rawValue
  }

  static func run(_ arguments: [String], _ surroundings: Surroundings) -> ExitCode {
    do throws(CommandFailure) {
      switch try CommandTable.parser.parse(arguments) {
      case .help(let command):
        try surroundings.console.print(CommandTable.helpText(command))
        return .ok
      case .run(let command, let arguments):
        let invocation = Invocation(arguments: arguments, surroundings: surroundings)
        switch command.action {
        case .blocking(let action): return try action(invocation)
        case .onLoop(let action): return try LoopRun.run(action, invocation)
        }
      }
    } catch {
      if !error.message.isEmpty { surroundings.console.complain(error.message) }
      return error.code
    }
  }
}
