import PluginSDK
import Sidecar

Plugin.sidecar.run()
