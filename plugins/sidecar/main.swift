import Glibc
import PluginSDK
import Sidecar

do {
  try Plugin.sidecar.run()
} catch {
  PluginLog().error("can't serve", ["error": "\(error)"])
  exit(1)
}
