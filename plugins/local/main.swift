import Glibc
import LocalDriver
import PluginSDK

// The service proxy is the same program, so that driver and proxies are always of one version.
let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == ServiceProxy.command {
  exit(ServiceProxy.main(Array(arguments.dropFirst())))
}

Plugin(name: "local", version: "1.0.0", driver: LocalDriver()).run()
