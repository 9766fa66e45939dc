let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "host" {
  try TestHost(directory: arguments[1], stateDirectory: arguments[2]).run()
} else {
  try TestPlugin(arguments: arguments).run()
}
