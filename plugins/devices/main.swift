import DeviceDriver
import PluginSDK

Plugin(name: "devices", version: "1.0.0", driver: DeviceDriver()).run()
