import @Type@
import PluginSDK

Plugin(name: "@name@", version: "1.0.0", tasks: [Greet()]).run()
