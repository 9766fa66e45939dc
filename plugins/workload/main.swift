import PluginSDK
import Workload

Plugin.workload.run()
