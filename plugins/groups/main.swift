import Groups
import PluginSDK

Plugin.groups.run()
