import Glibc
import PluginSDK
import Workload

do {
  try Plugin.workload.run()
} catch {
  PluginLog().error("can't serve", ["error": "\(error)"])
  exit(1)
}
