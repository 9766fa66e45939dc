let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "host" {
  try TestHost(directory: arguments[1], stateDirectory: arguments[2]).run()
} else if arguments.first == "misbehave" {
  var plugin = MisbehavingPlugin(arguments: arguments)
  plugin.run()
} else {
  try TestPlugin(arguments: arguments).run()
}
