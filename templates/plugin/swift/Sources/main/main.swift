import @Type@
import PluginSDK

try Plugin(name: "@name@", version: "1.0.0", tasks: [Greet()]).run()
