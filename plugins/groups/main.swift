import Glibc
import Groups
import PluginSDK

do {
  try Plugin.groups.run()
} catch {
  PluginLog().error("can't serve", ["error": "\(error)"])
  exit(1)
}
